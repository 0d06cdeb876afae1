/// What to do while nothing can be claimed: wait longer each time, and say so now and then.
struct ClaimTrouble {
    static let first = Duration.milliseconds(100)
    static let longest = Duration.seconds(5)
    /// Between two lines of the log.
    static let silence = Duration.seconds(10)

    private var delay: Duration?
    private var retryAt: ContinuousClock.Instant?
    private var toldAt: ContinuousClock.Instant?

    func mayTry(now: ContinuousClock.Instant) -> Bool { retryAt.map { $0 <= now } ?? true }

    /// - Returns: whether the log is to hear of it.
    mutating func failed(now: ContinuousClock.Instant) -> Bool {
        let wait = delay.map { min($0 * 2, Self.longest) } ?? Self.first
        delay = wait
        retryAt = now + wait
        if let toldAt, toldAt + Self.silence > now { return false }
        toldAt = now
        return true
    }

    mutating func ended() {
        delay = nil
        retryAt = nil
    }
}
