/// What a worker may still send of the account's 24-hour quota: chunks that it leases, spends before credits, and gives
/// back when they grow old, because the quota counts by the minute.
///
/// Pure.
struct DailyAllowance: Sendable {
    /// How long after its lease a chunk may be spent; `DailyQuotaStore` counts so much longer than a day.
    static let life = Duration.seconds(60)

    private(set) var isLimited = false
    private(set) var left = 0
    private var expiresAt: ContinuousClock.Instant?
    /// What is asked for at once; also the level below which more is asked for, times two.
    private(set) var chunk = 0

    /// - Parameter rate: recipients a second that the worker may send: a chunk lasts a few seconds.
    mutating func setLimited(_ isLimited: Bool, rate: Int) {
        self.isLimited = isLimited
        chunk = max(10, rate * 5)
    }

    /// How many recipients may be claimed.
    func limit(now: ContinuousClock.Instant) -> Int {
        guard isLimited else { return .max }
        return expiresAt.map { now < $0 } == true ? left : 0
    }

    mutating func spend(_ recipients: Int) {
        left = max(0, left - recipients)
    }

    /// Claimed rows went back unsent.
    mutating func refund(_ recipients: Int) {
        if expiresAt != nil { left += recipients }
    }

    func needsMore(now: ContinuousClock.Instant) -> Bool {
        isLimited && (limit(now: now) < chunk / 2)
    }

    mutating func leased(_ recipients: Int, now: ContinuousClock.Instant) {
        left += recipients
        // Old and new together last as long as the old ones do.
        expiresAt = min(expiresAt ?? now + Self.life, now + Self.life)
    }

    /// Takes out what has grown old, to be given back.
    mutating func takeExpired(now: ContinuousClock.Instant, all: Bool = false) -> Int {
        guard let expiresAt, all || now >= expiresAt else { return 0 }
        defer {
            left = 0
            self.expiresAt = nil
        }
        return left
    }
}
