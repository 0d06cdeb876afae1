/// How long to wait before the next attempt: twice as long each time up to a limit, and up to half of it at random, so
/// that many nodes do not come back in step.
struct Backoff: Sendable, Equatable {
    var first: Duration = .milliseconds(50)
    var limit: Duration = .milliseconds(500)

    /// - Parameters:
    ///   - attempt: how many attempts have failed, from 1.
    ///   - jitter: from 0 up to 1.
    func delay(after attempt: Int, jitter: Double) -> Duration {
        var delay = first
        for _ in 1..<max(1, min(attempt, 32)) where delay < limit { delay = delay * 2 }
        return min(delay, limit) * (0.5 + 0.5 * jitter)
    }
}
