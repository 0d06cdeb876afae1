/// What a worker may still send of the account's 24-hour quota: a chunk that it leases, spends before credits, and gives
/// back when it grows old, because the quota counts by the minute.
///
/// Pure.
struct DailyAllowance: Sendable {
    /// How long after its lease a chunk may be spent; `DailyQuotaStore` counts so much longer than a day.
    static let life = Duration.seconds(60)

    /// What is given back.
    struct Chunk: Sendable {
        let recipients: Int
        let minute: DailyQuotaStore.Minute
    }

    private(set) var isLimited = false
    /// Below zero when a message to many took more than there was.
    private(set) var left = 0
    private var minute: DailyQuotaStore.Minute?
    private var expiresAt: ContinuousClock.Instant?
    /// The last lease brought nothing.
    private var isSpent = false
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
        return expiresAt.map { now < $0 } == true ? max(0, left) : 0
    }

    mutating func spend(_ recipients: Int) {
        if isLimited { left -= recipients }
    }

    /// Claimed rows went back unsent.
    mutating func refund(_ recipients: Int) {
        if isLimited, expiresAt != nil { left += recipients }
    }

    func needsMore(now: ContinuousClock.Instant) -> Bool {
        isLimited && limit(now: now) < chunk / 2
    }

    /// Takes a lease; returns whether the one before it had brought nothing. Old and new together count in the minute of
    /// the old, and last as long as that does.
    mutating func leased(
        _ recipients: Int,
        in minute: DailyQuotaStore.Minute,
        now: ContinuousClock.Instant
    ) -> Bool {
        left += recipients
        self.minute = self.minute ?? minute
        expiresAt = min(expiresAt ?? now + Self.life, now + Self.life)
        defer { isSpent = false }
        return isSpent
    }

    mutating func foundNothing() {
        isSpent = true
    }

    /// Takes out what has grown old, to be given back.
    mutating func takeExpired(now: ContinuousClock.Instant, all: Bool = false) -> Chunk? {
        guard let minute, let expiresAt, all || now >= expiresAt else { return nil }
        defer {
            left = min(0, left)
            self.minute = nil
            self.expiresAt = nil
        }
        return Chunk(recipients: max(0, left), minute: minute)
    }
}
