import Outbox

/// When an account may be tried again after a failure that is not a message's own.
///
/// Pure. While parked, nothing is claimed until the next probe: one call, whose success ends the parking and whose
/// failure doubles the pause. Failures of calls that were under way before do not.
struct Parking: Sendable {
    private(set) var reason: AccountPark?
    private(set) var detail = ""
    private(set) var nextProbe: ContinuousClock.Instant?
    private var pause = Duration.zero
    private var isProbing = false

    /// The call that fails now was the probe, or nothing was wrong before. Returns whether the reason is new.
    mutating func park(_ reason: AccountPark, detail: String, now: ContinuousClock.Instant) -> Bool {
        let isNews = self.reason != reason
        if isNews || isProbing {
            let (first, most) = Self.pauses(reason)
            let isFirst = isNews && (self.reason != nil || pause == .zero)
            pause = isFirst ? first : min(pause * 2, most)
            nextProbe = now + pause
        }
        isProbing = false
        self.reason = reason
        self.detail = detail
        return isNews
    }

    /// A call succeeded. Returns whether that ended a parking.
    mutating func clear() -> Bool {
        guard reason != nil else { return false }
        self = Parking()
        return true
    }

    /// Nothing is left to probe with: its leader has given the worker's shares to others. When the time of the next probe
    /// has come, it may be given some again; should that fail, the pauses go on from where they were. Returns whether
    /// that ended a parking.
    mutating func forgive(now: ContinuousClock.Instant) -> Bool {
        guard reason != nil, !isProbing, let nextProbe, now >= nextProbe else { return false }
        let pause = pause
        self = Parking()
        self.pause = pause
        return true
    }

    /// How many recipients may be claimed now: all, one probe, or none.
    func limit(now: ContinuousClock.Instant) -> Int {
        guard reason != nil else { return .max }
        guard let nextProbe, now >= nextProbe, !isProbing else { return 0 }
        return 1
    }

    /// The one call is on its way.
    mutating func probe() {
        isProbing = reason != nil
    }

    /// The probe found nothing to send, or its row went back unsent: the next may follow.
    mutating func probeEnded() {
        isProbing = false
    }

    /// The probe ended without saying whether the reason is gone: another one after the pause.
    mutating func probeWasInconclusive(now: ContinuousClock.Instant) {
        guard isProbing else { return }
        isProbing = false
        nextProbe = now + pause
    }

    /// When to look again, while parked.
    func nextLook(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard reason != nil, !isProbing, let nextProbe, nextProbe > now else { return nil }
        return nextProbe
    }

    /// Nothing may be claimed before somebody rings.
    var isWaitingForProbe: Bool { reason != nil && isProbing }

    private static func pauses(_ reason: AccountPark) -> (first: Duration, most: Duration) {
        switch reason {
        case .unreachable: (.milliseconds(500), .seconds(15))
        case .credentials: (.seconds(5), .seconds(60))
        case .configuration: (.seconds(10), .seconds(120))
        case .pausedBySES: (.seconds(30), .seconds(300))
        case .dailyQuota: (.seconds(60), .seconds(600))
        }
    }
}
