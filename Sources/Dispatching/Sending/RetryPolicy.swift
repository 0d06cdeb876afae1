/// When a message that was refused for a temporary reason of its own is tried again.
struct RetryPolicy: Sendable {
    static let mostAttempts = 10
    private static let first = 30.0
    private static let longest = 3600.0
    private static let jitter = 0.2
    static let longestPause = Duration.seconds(longest * (1 + jitter))

    /// The pause after the nth attempt (1...), with a jitter of a fifth; nil when it was the last.
    static func pause(after attempt: Int, using random: inout some RandomNumberGenerator) -> Duration? {
        guard attempt < mostAttempts else { return nil }
        var pause = first
        for _ in 1..<max(1, attempt) { pause = min(pause * 2, longest) }
        return .milliseconds(Int64(pause * Double.random(in: (1 - jitter)...(1 + jitter), using: &random) * 1000))
    }
}
