/// Maps a node's monotonic clock to the database's, by samples of both.
///
/// Between two samples the difference of the clocks is interpolated, and may be off by their errors and by as much as they
/// disagree. Beyond the last one it is taken on, for a while, with an error that grows.
public struct ClockMap: Sendable {
    public struct Sample: Equatable, Sendable {
        public let node: Nanoseconds
        public let database: Nanoseconds
        /// How far `database` may be off.
        public let error: Nanoseconds

        public init(node: Nanoseconds, database: Nanoseconds, error: Nanoseconds) {
            self.node = node
            self.database = database
            self.error = error
        }

        var offset: Nanoseconds { database - node }
    }

    /// Two clocks that are kept by NTP drift apart by less than this, in billionths.
    private static let drift: Nanoseconds = 50_000
    /// Farther away from any sample nothing is known.
    private static let reach: Nanoseconds = 300 * .second

    private let samples: [Sample]

    public init(_ samples: [Sample]) {
        self.samples = samples.sorted { $0.node < $1.node }
    }

    /// The database's time at the node's `time`, and how far it may be off; nil where nothing is known.
    public func map(_ time: Nanoseconds) -> (at: Nanoseconds, error: Nanoseconds)? {
        let next = samples.firstIndex(notBelow: time) { $0.node }
        guard next < samples.count else { return samples.last.flatMap { beyond($0, time) } }
        guard next > 0 else { return beyond(samples[0], time) }
        let (before, after) = (samples[next - 1], samples[next])
        let disagreement = after.offset - before.offset
        let part = Double(time - before.node) / Double(after.node - before.node)
        let offset = before.offset + Nanoseconds((Double(disagreement) * part).rounded())
        return (time + offset, max(before.error, after.error) + abs(disagreement))
    }

    private func beyond(_ sample: Sample, _ time: Nanoseconds) -> (at: Nanoseconds, error: Nanoseconds)? {
        let distance = abs(time - sample.node)
        guard distance <= Self.reach else { return nil }
        return (time + sample.offset, sample.error + distance / (.second / Self.drift))
    }
}
