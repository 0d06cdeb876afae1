import Synchronization

/// Decides which traces are recorded, and keeps their spans until somebody takes them away. Bounded: what finds no room is dropped
/// and counted, and nobody ever waits.
public final class Tracer: Sendable {
    /// What became of spans.
    public struct Counts: Sendable, Equatable {
        public var recorded = 0
        /// There was no room for them.
        public var dropped = 0
        /// The receiver took them.
        public var exported = 0
        /// It did not.
        public var failed = 0
    }

    /// Spans that may wait.
    public static let room = 8192
    /// Traces a second that are recorded because a caller says so.
    public static let mostAsked = 50

    private struct State {
        var spans: [TraceSpan] = []
        var counts = Counts()
        /// Traces that callers may still have recorded.
        var asked = Double(Tracer.mostAsked)
        var askedAt: ContinuousClock.Instant
    }

    private let sample: Double
    private let state: Mutex<State>

    /// - Parameter sample: the part of the requests without a `traceparent` that is recorded, 0 to 1.
    public init(sample: Double, now: ContinuousClock.Instant = .now) {
        self.sample = sample
        state = Mutex(State(askedAt: now))
    }

    /// Whether a request is recorded, and as what. A caller's decision is followed: what it does not record is not recorded here, and
    /// what it does is, up to ``mostAsked`` a second.
    ///
    /// - Returns: the request's own span, and the caller's; nil when it is not recorded.
    public func begin(
        traceparent: String?,
        now: ContinuousClock.Instant = .now,
        using random: inout some RandomNumberGenerator
    ) -> (context: TraceContext, parent: TraceContext?)? {
        if let traceparent, let caller = TraceContext.parse(traceparent) {
            guard caller.isSampled, mayFollow(now: now) else { return nil }
            return (child(of: caller.context, using: &random), caller.context)
        }
        guard sample > 0, Double.random(in: 0..<1, using: &random) < sample else { return nil }
        let context = TraceContext(
            traceHigh: .random(in: .min ... .max, using: &random),
            traceLow: .random(in: 1 ... .max, using: &random),
            span: .random(in: 1 ... .max, using: &random)
        )
        return (context, nil)
    }

    /// As above, with the system's randomness.
    public func begin(traceparent: String?) -> (context: TraceContext, parent: TraceContext?)? {
        var random = SystemRandomNumberGenerator()
        return begin(traceparent: traceparent, using: &random)
    }

    private func mayFollow(now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            let earned = state.askedAt.duration(to: now) / .seconds(1) * Double(Self.mostAsked)
            state.asked = min(Double(Self.mostAsked), state.asked + max(0, earned))
            state.askedAt = now
            guard state.asked >= 1 else { return false }
            state.asked -= 1
            return true
        }
    }

    /// A new span of the trace that `parent` is in.
    public func child(of parent: TraceContext) -> TraceContext {
        var random = SystemRandomNumberGenerator()
        return child(of: parent, using: &random)
    }

    private func child(of parent: TraceContext, using random: inout some RandomNumberGenerator)
        -> TraceContext
    {
        parent.child(.random(in: 1 ... .max, using: &random))
    }

    /// Keeps a span that has ended.
    public func record(_ span: TraceSpan) {
        state.withLock { state in
            state.counts.recorded += 1
            if state.spans.count < Self.room {
                state.spans.append(span)
            } else {
                state.counts.dropped += 1
            }
        }
    }

    /// Takes up to so many of the spans that wait, the oldest first.
    public func take(_ most: Int) -> [TraceSpan] {
        state.withLock { state in
            let taken = Array(state.spans.prefix(most))
            state.spans.removeFirst(taken.count)
            return taken
        }
    }

    /// What became of spans that were taken.
    public func ended(_ spans: Int, isExported: Bool) {
        state.withLock { state in
            if isExported { state.counts.exported += spans } else { state.counts.failed += spans }
        }
    }

    public var counts: Counts { state.withLock { $0.counts } }
}
