import Mail
import Outbox
import Postgres
import Testing

@testable import Dispatching

@Suite("Signs that wait to be told")
struct GatheredSignsTests {
    private func sign(_ lane: Int32, _ rows: Int, first: UInt64? = nil) -> QueueSign {
        QueueSign(
            laneID: lane,
            priority: .normal,
            rows: .more(rows),
            first: first.map { PostgresUUID(high: $0, low: 0) }
        )
    }

    @Test("Signs of one queue become one, from the lowest id on, and what was put back joins what came since")
    func joins() {
        var gathered = GatheredSigns()
        gathered.add([sign(1, 2, first: 9), sign(1, 3, first: 5)])
        var failed = gathered.take()
        #expect(gathered.isEmpty)
        gathered.add([sign(1, 1, first: 7)])
        gathered.add(failed)
        #expect(gathered.all == [sign(1, 6, first: 5)])
        // From where on is not known: from the start.
        gathered.add([sign(1, 1)])
        #expect(gathered.all == [sign(1, 7)])
        failed = gathered.take()
        #expect(!failed.hasOverflown && gathered.isEmpty)
    }

    @Test("Too many queues are told as all of them, also after a failure; what is known is still added to")
    func overflows() {
        var gathered = GatheredSigns()
        gathered.add((1...Int32(GatheredSigns.most)).map { sign($0, 1, first: 5) })
        gathered.add([sign(1, 1, first: 4)])
        #expect(!gathered.hasOverflown)
        #expect(gathered.all.contains(sign(1, 2, first: 4)))
        gathered.add([sign(0, 1)])
        #expect(gathered.hasOverflown && gathered.all.count == GatheredSigns.most)
        let failed = gathered.take()
        #expect(!gathered.hasOverflown)
        gathered.add(failed)
        #expect(gathered.hasOverflown && gathered.all.count == GatheredSigns.most)
    }
}

@Suite("Looks from the start")
struct WholeLooksTests {
    @Test("They come every 30 s, seldomer when they take long, but always within two minutes, and soon after a failure")
    func bounds() {
        let start = ContinuousClock.now
        var looks = WholeLooks(now: start)
        #expect(looks.dueAt == start)
        for (took, pause, isQuick) in [(0.001, 30.0, true), (0.5, 30, false), (1, 50, false), (30, 120, false)] {
            let end = start + .seconds(took)
            let quick = looks.succeeded(from: start, to: end)
            #expect(quick == isQuick)
            #expect(looks.dueAt == start + .seconds(pause))
        }
        looks.failed(at: start + .seconds(30))
        #expect(looks.dueAt == start + .seconds(30) + WholeLooks.retry)
    }
}
