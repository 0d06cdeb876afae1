public import Foundation

/// The outcomes of the last minute, from looks that each bring what is new.
public struct OutcomeWindow: Sendable {
    /// Recipients whose send was answered in one second; looks that meet in a second bring a part each.
    public struct Second: Sendable {
        public var at: Date
        public var sent: Int
        public var notSent: Int
        public var unknown: Int

        public init(at: Date, sent: Int, notSent: Int, unknown: Int) {
            self.at = at
            self.sent = sent
            self.notSent = notSent
            self.unknown = unknown
        }
    }

    /// Counters that only grow: what they were a minute ago has to be remembered.
    public struct Totals: Sendable {
        public var at: Date
        public var throttled: Int
        public var delivered: Int
        public var bounced: Int
        public var complained: Int

        public init(at: Date, throttled: Int, delivered: Int, bounced: Int, complained: Int) {
            self.at = at
            self.throttled = throttled
            self.delivered = delivered
            self.bounced = bounced
            self.complained = complained
        }
    }

    private static let length = 60.0

    private var seconds: [Second] = []
    private var totals: [Totals] = []

    public init() {}

    public mutating func add(_ new: [Second], totals now: Totals) {
        let border = now.at.addingTimeInterval(-Self.length)
        seconds.removeAll { $0.at < border }
        seconds += new.filter { $0.at >= border }
        // The last one before the border stays: it says what was counted at it.
        while totals.count > 1, totals[1].at <= border { totals.removeFirst() }
        totals.append(now)
    }

    public var outcomes: TopPicture.Outcomes {
        var outcomes = TopPicture.Outcomes()
        for second in seconds {
            outcomes.sent += second.sent
            outcomes.notSent += second.notSent
            outcomes.unknown += second.unknown
        }
        guard let first = totals.first, let last = totals.last, totals.count > 1 else { return outcomes }
        // A counter falls when a node leaves with its part of it, or a day goes.
        outcomes.throttled = max(0, last.throttled - first.throttled)
        outcomes.delivered = max(0, last.delivered - first.delivered)
        outcomes.bounced = max(0, last.bounced - first.bounced)
        outcomes.complained = max(0, last.complained - first.complained)
        return outcomes
    }
}
