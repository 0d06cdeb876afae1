/// Looks for times at which mail of a share waited and the share got less than its guarantee.
///
/// The guarantee is held in credits from `grace` after the share became busy (design.md, I5); in recipients a second it is
/// guarantee / (W + call). Every 10 s in a stretch of uninterrupted waiting are looked at.
public struct GuaranteeAudit: Sendable {
    /// Recipients that waited from `since` until they were sent (or, unsent, were last seen).
    public struct Wait: Equatable, Sendable {
        public let since: Nanoseconds
        public let until: Nanoseconds
        /// Recipients that were sent at `until`; 0 for what was not.
        public let recipients: Int32

        public init(since: Nanoseconds, until: Nanoseconds, recipients: Int32) {
            self.since = since
            self.until = max(since, until)
            self.recipients = recipients
        }
    }

    /// Windows of 10 s that got too little and overlap, as one.
    public struct Miss: Equatable, Sendable {
        public let from: Nanoseconds
        public let to: Nanoseconds
        /// The least recipients that left in 10 s, and how many the guarantee is in that time.
        public let least: Int
        public let guaranteed: Double
    }

    private static let span: Nanoseconds = 10 * .second
    /// Two ticks of the leader.
    private static let ticks: Nanoseconds = 200 * .millisecond

    private let guaranteed: Double
    private let grace: Nanoseconds

    /// - Parameters:
    ///   - guarantee: credits.
    ///   - rate: the account's quota, recipients a second.
    ///   - call: how long a call takes on average; 0 where credits do not wait for answers.
    public init(guarantee: Int, rate: Double, call: Nanoseconds) {
        let cycle = CreditRule(quota: rate).window + call
        guaranteed = Double(guarantee) * Double(Self.span) / Double(cycle)
        grace = cycle + Self.ticks
    }

    public func misses(in waits: [Wait]) -> [Miss] {
        let sends = waits.filter { $0.recipients > 0 }.sorted { $0.until < $1.until }
        var first = 0
        var misses: [Miss] = []
        for stretch in stretches(of: waits) where stretch.to - stretch.from > grace + Self.span {
            while first < sends.count, sends[first].until < stretch.from { first += 1 }
            misses += look(from: stretch.from + grace, to: stretch.to, in: sends[first...])
        }
        return misses
    }

    /// The times in which something waited without interruption.
    private func stretches(of waits: [Wait]) -> [(from: Nanoseconds, to: Nanoseconds)] {
        var stretches: [(from: Nanoseconds, to: Nanoseconds)] = []
        for wait in waits.sorted(by: { $0.since < $1.since }) {
            if let last = stretches.last, wait.since <= last.to {
                stretches[stretches.count - 1].to = max(last.to, wait.until)
            } else {
                stretches.append((wait.since, wait.until))
            }
        }
        return stretches
    }

    /// A window holds least right after a send has left it, so only those and the first one are counted. A finding goes on
    /// while nothing at all is sent.
    private func look(from: Nanoseconds, to: Nanoseconds, in sends: ArraySlice<Wait>) -> [Miss] {
        let enough = guaranteed * 0.98 - 1
        var misses: [Miss] = []
        var tail = sends.startIndex
        var head = sends.startIndex
        var sum = 0
        var start = from
        while start + Self.span <= to {
            while head < sends.endIndex, sends[head].until < start + Self.span {
                sum += Int(sends[head].recipients)
                head += 1
            }
            while tail < head, sends[tail].until < start {
                sum -= Int(sends[tail].recipients)
                tail += 1
            }
            if Double(sum) < enough {
                let next = tail < sends.endIndex ? min(sends[tail].until, to) : to
                add(
                    Miss(from: start, to: max(start + Self.span, next), least: sum, guaranteed: guaranteed),
                    to: &misses
                )
            }
            guard tail < sends.endIndex else { break }
            start = max(start, sends[tail].until) + 1
        }
        return misses
    }

    private func add(_ miss: Miss, to misses: inout [Miss]) {
        if let last = misses.last, miss.from < last.to {
            misses[misses.count - 1] = Miss(
                from: last.from,
                to: max(last.to, miss.to),
                least: min(last.least, miss.least),
                guaranteed: guaranteed
            )
        } else {
            misses.append(miss)
        }
    }
}
