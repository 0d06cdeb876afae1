import Outbox
import Testing

@testable import Dispatching

@Suite("Parking an account")
struct ParkingTests {
    let start = ContinuousClock.now

    @Test("A parked account sends nothing until its probe, and one success ends the parking")
    func probe() {
        var parking = Parking()
        #expect(parking.limit(now: start) == .max)
        let isNews = parking.park(.unreachable, detail: "x", now: start)
        #expect(isNews)
        #expect(parking.limit(now: start) == 0)
        #expect(parking.limit(now: start + .milliseconds(499)) == 0)
        #expect(parking.limit(now: start + .milliseconds(500)) == 1)
        parking.probe()
        #expect(parking.limit(now: start + .seconds(10)) == 0, "one probe at a time")
        let isCleared = parking.clear()
        #expect(isCleared)
        #expect(parking.limit(now: start) == .max)
        let isClearedAgain = parking.clear()
        #expect(!isClearedAgain)
    }

    @Test("Only a failed probe lengthens the pause, up to a bound")
    func backoff() {
        var parking = Parking()
        _ = parking.park(.unreachable, detail: "x", now: start)
        // Calls that were under way fail too: that says nothing new.
        for _ in 0..<50 {
            let isNews = parking.park(.unreachable, detail: "x", now: start + .milliseconds(100))
            #expect(!isNews)
        }
        #expect(parking.nextProbe == start + .milliseconds(500))
        var now = start + .milliseconds(500)
        var pauses: [Duration] = []
        for _ in 0..<8 {
            parking.probe()
            _ = parking.park(.unreachable, detail: "x", now: now)
            let next = parking.nextProbe ?? now
            pauses.append(next - now)
            now = next
        }
        #expect(pauses == [1, 2, 4, 8, 15, 15, 15, 15].map { .seconds($0) })
    }

    @Test("A probe that says nothing is followed by another, after the pause")
    func inconclusive() {
        var parking = Parking()
        _ = parking.park(.unreachable, detail: "x", now: start)
        let probed = start + .milliseconds(500)
        parking.probe()
        #expect(parking.isWaitingForProbe)
        parking.probeWasInconclusive(now: probed)
        #expect(parking.limit(now: probed) == 0)
        #expect(parking.nextLook(now: probed) == probed + .milliseconds(500))
        #expect(parking.limit(now: probed + .milliseconds(500)) == 1)
    }

    @Test("Another reason starts over")
    func otherReason() {
        var parking = Parking()
        _ = parking.park(.unreachable, detail: "x", now: start)
        let isNews = parking.park(.credentials, detail: "y", now: start)
        #expect(isNews)
        #expect(parking.reason == .credentials)
        #expect(parking.nextProbe == start + .seconds(5))
    }

    @Test("A probe that found nothing to send leaves room for the next")
    func emptyProbe() {
        var parking = Parking()
        _ = parking.park(.dailyQuota, detail: "", now: start)
        let due = start + .seconds(60)
        parking.probe()
        parking.probeEnded()
        #expect(parking.limit(now: due) == 1)
    }

    @Test("Without anything to probe with it is forgiven in time, and the pauses go on from where they were")
    func forgiven() {
        var parking = Parking()
        _ = parking.park(.unreachable, detail: "no", now: start)
        let early = parking.forgive(now: start)
        #expect(!early)
        let later = start + .milliseconds(500)
        let inTime = parking.forgive(now: later)
        #expect(inTime)
        #expect(parking.limit(now: later) == .max)
        _ = parking.park(.unreachable, detail: "no", now: later)
        #expect(parking.nextProbe == later + .seconds(1))
    }
}
