/// How long the simulator takes to answer: each request draws uniformly from `lower...upper`.
///
/// Written as `20ms` or `30ms..80ms`, with the units `us`, `ms`, `s`, `m` and `h`; a bare `0` is no latency.
public struct LatencyRange: Sendable, Equatable, CustomStringConvertible {
    public let lower: Duration
    public let upper: Duration

    /// No latency at all.
    public static let zero = LatencyRange(.zero)

    private static let maximum = Duration.seconds(3600)

    /// A fixed latency. Negative values count as zero.
    public init(_ fixed: Duration) {
        let bounded = min(max(fixed, .zero), Self.maximum)
        lower = bounded
        upper = bounded
    }

    /// From `lower` to `upper`, which is raised to `lower` where it is less.
    public init(from lower: Duration, to upper: Duration) {
        self.lower = min(max(lower, .zero), Self.maximum)
        self.upper = max(self.lower, min(upper, Self.maximum))
    }

    /// Reads `20ms` or `30ms..80ms`; throws `invalidOption` when the text is neither, the range runs backwards or exceeds an hour.
    public init(parsing text: String) throws(SimulatorError) {
        let (first, last) = Self.bounds(of: text)
        guard let lower = DurationText.parse(first), let upper = DurationText.parse(last) else {
            throw SimulatorError(.invalidOption, "latency is \"\(text)\"; expected for example 20ms or 30ms..80ms")
        }
        guard lower <= upper else {
            throw SimulatorError(.invalidOption, "latency is \"\(text)\", which runs backwards")
        }
        guard upper <= Self.maximum else {
            throw SimulatorError(.invalidOption, "latency is \"\(text)\"; at most 1h is possible")
        }
        self.lower = lower
        self.upper = upper
    }

    public var description: String {
        lower == upper ? DurationText.format(lower) : "\(DurationText.format(lower))..\(DurationText.format(upper))"
    }

    private static func bounds(of text: String) -> (String, String) {
        let bytes = Array(text.utf8)
        for index in bytes.indices.dropLast()
        where bytes[index] == UInt8(ascii: ".") && bytes[index + 1] == UInt8(ascii: ".") {
            return (
                String(decoding: bytes[..<index], as: UTF8.self),
                String(decoding: bytes[(index + 2)...], as: UTF8.self)
            )
        }
        return (text, text)
    }

    /// Draws one latency, in nanoseconds.
    func draw(using generator: inout some RandomNumberGenerator) -> Int64 {
        let low = lower.wholeNanoseconds
        let high = upper.wholeNanoseconds
        return low == high ? low : Int64.random(in: low...high, using: &generator)
    }
}
