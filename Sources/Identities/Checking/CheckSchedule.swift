/// When a sender is looked at again: one that somebody sets up just now every minute, one that works once a day. Pure.
enum CheckSchedule {
    private static let daily = Duration.seconds(86_400)
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
        let pause: Duration =
            if isComplete { daily } else if age < .seconds(3600) { .seconds(60) } else if age < daily { .seconds(600) } else if age < daily * 7 {
                .seconds(3600)
            } else { .seconds(6 * 3600) }
        return pause * Double.random(in: (1 - jitter)...(1 + jitter), using: &random)
    }

    /// After the nth failure in a row (1...): 30 s, doubled up to an hour.
    static func pause(afterFailures failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let pause = min(longestFailure, .seconds(30 << max(0, min(failures - 1, 10))))
        return pause * Double.random(in: (1 - jitter)...(1 + jitter), using: &random)
    }
}
