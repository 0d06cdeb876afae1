/// How long to wait before a queue is tried again: twice as long each time, and up to half of it at random.
struct PollPause: Sendable {
    static let first = 1.0
    static let longest = 30.0

    private var failures = 0

    /// The wait after one more failure.
    ///
    /// - Parameter jitter: from 0 up to 1.
    mutating func next(jitter: Double) -> Duration {
        failures = min(failures + 1, 16)
        var seconds = Self.first
        for _ in 1..<failures where seconds < Self.longest { seconds *= 2 }
        return .seconds(min(seconds, Self.longest) * (0.5 + 0.5 * jitter))
    }

    mutating func reset() { failures = 0 }

    /// After how many seconds a message that could not be taken is to be seen again.
    static func visibility(receives: Int) -> Int { min(60, 2 << min(max(receives, 1) - 1, 5)) }
}
