import FoundationEssentials

/// A piece of work that was done: from when to when, for which trace. No attribute holds an address, a subject or a secret.
public struct TraceSpan: Sendable {
    /// OpenTelemetry's numbers.
    public enum Kind: Int, Sendable {
        case work = 1
        case server = 2
        case client = 3
        case consumer = 5
    }

    public enum Value: Sendable, Equatable {
        case text(String)
        case number(Int)
    }

    public let name: String
    public let kind: Kind
    /// Its own ids.
    public let context: TraceContext
    /// The span that it belongs to; nil for the first of a trace.
    public let parent: TraceContext?
    /// Others that it was done for, too.
    public let links: [TraceContext]
    public let attributes: [(key: String, value: Value)]
    /// What went wrong, in a word.
    public let failure: String?
    /// Nanoseconds since 1970.
    let start: UInt64
    let end: UInt64

    /// - Parameters: `from` and `to` on the monotonic clock, which the wall clock of this moment translates.
    public init(
        _ name: String,
        kind: Kind,
        context: TraceContext,
        parent: TraceContext?,
        links: [TraceContext] = [],
        from: ContinuousClock.Instant,
        to: ContinuousClock.Instant,
        attributes: [(key: String, value: Value)],
        failure: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.context = context
        self.parent = parent
        self.links = links
        self.attributes = attributes
        self.failure = failure
        let (wall, now) = (Date().timeIntervalSince1970, ContinuousClock.now)
        func unix(_ instant: ContinuousClock.Instant) -> UInt64 {
            UInt64(max(0, wall - instant.duration(to: now) / .seconds(1)) * 1e9)
        }
        start = unix(from)
        end = max(start, unix(to))
    }
}
