/// When a sender is looked at again: one that somebody sets up just now every minute, one that works once a day. Pure.
enum CheckSchedule {
    private static let daily = Duration.seconds(86_400)
    /// While something is missing.
    private static let steps: [(until: Duration, pause: Duration)] = [
        (.seconds(3600), .seconds(60)), (daily, .seconds(600)), (daily * 7, .seconds(3600)),
    ]
    private static let slowest = Duration.seconds(6 * 3600)
    private static let longestFailure = Duration.seconds(3600)
    private static let jitter = 0.1

    /// - Parameters:
    ///   - isComplete: nothing is missing.
    ///   - age: for how long it has been as it is.
    static func pause(
        isComplete: Bool,
        age: Duration,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        let pause = isComplete ? daily : steps.first { age < $0.until }?.pause ?? slowest
        return pause * Double.random(in: (1 - jitter)...(1 + jitter), using: &random)
    }

    /// After the nth failure in a row (1...): 30 s, doubled up to an hour.
    static func pause(afterFailures failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let pause = min(longestFailure, .seconds(30 << max(0, min(failures - 1, 10))))
        return pause * Double.random(in: (1 - jitter)...(1 + jitter), using: &random)
    }
}
