public import Foundation
public import Mail

/// What became of a tenant's mail in one week, counted in recipients.
public struct WeeklyReport: Equatable, Sendable {
    /// What happened in some time, whenever the mail was accepted.
    public struct Counts: Equatable, Sendable {
        public var accepted = 0
        public var sent = 0
        public var delivered = 0
        public var bounced = 0
        public var complained = 0

        public init(accepted: Int = 0, sent: Int = 0, delivered: Int = 0, bounced: Int = 0, complained: Int = 0) {
            self.accepted = accepted
            self.sent = sent
            self.delivered = delivered
            self.bounced = bounced
            self.complained = complained
        }

        /// Percent of what was sent; nil of nothing.
        public var bounceRate: Double? { Self.percent(bounced, of: sent) }
        public var complaintRate: Double? { Self.percent(complained, of: sent) }
        public var deliveryRate: Double? { Self.percent(delivered, of: sent) }

        public var isEmpty: Bool { self == Counts() }

        private static func percent(_ part: Int, of whole: Int) -> Double? {
            whole > 0 ? Double(part) * 100 / Double(whole) : nil
        }

        public static func += (left: inout Counts, right: Counts) {
            left.accepted += right.accepted
            left.sent += right.sent
            left.delivered += right.delivered
            left.bounced += right.bounced
            left.complained += right.complained
        }
    }

    /// Mail of this week that has come to a bad end by now, or to none.
    public struct Trouble: Equatable, Sendable {
        /// Something that it was sorted by, with its recipients, the most frequent first.
        public struct Part: Equatable, Sendable {
            public let name: String
            public let count: Int

            public init(name: String, count: Int) {
                self.name = name
                self.count = count
            }
        }

        public let status: MessageStatus
        public let count: Int
        /// Only the latest were looked at: there are more than `count`.
        public let isPart: Bool
        /// By SES's words: `Permanent/General/5.1.1`, a complaint's type, or the refusal.
        public let reasons: [Part]
        public let domains: [Part]

        public init(status: MessageStatus, count: Int, isPart: Bool = false, reasons: [Part] = [], domains: [Part] = [])
        {
            self.status = status
            self.count = count
            self.isPart = isPart
            self.reasons = reasons
            self.domains = domains
        }
    }

    public let week: ReportWeek
    public let counts: Counts
    /// Monday to Sunday.
    public let days: [Counts]
    /// The week before, and the three before that.
    public let earlier: [Counts]
    /// By status, those with none left out.
    public let troubles: [Trouble]
    /// Everything up to then is counted; nil before the first count.
    public let countedUntil: Date?

    public init(
        week: ReportWeek,
        days: [Counts],
        earlier: [Counts] = [],
        troubles: [Trouble] = [],
        countedUntil: Date?
    ) {
        self.week = week
        self.days = days
        counts = days.reduce(into: Counts()) { $0 += $1 }
        self.earlier = earlier
        self.troubles = troubles.filter { $0.count > 0 }
        self.countedUntil = countedUntil
    }

    public func trouble(_ status: MessageStatus) -> Trouble? { troubles.first { $0.status == status } }

    /// Whether all of the week is in it.
    public var isComplete: Bool { countedUntil.map { $0 >= week.end } ?? false }

    /// The mean of the weeks before that had mail, as far as there were any.
    public func usual(_ figure: KeyPath<Counts, Int>) -> Double? {
        let known = earlier.filter { !$0.isEmpty }
        guard !known.isEmpty else { return nil }
        return Double(known.reduce(0) { $0 + $1[keyPath: figure] }) / Double(known.count)
    }

    /// How much more than the week before, in percent; nil where that one had none.
    public func change(_ figure: KeyPath<Counts, Int>) -> Double? {
        guard let before = earlier.first?[keyPath: figure], before > 0 else { return nil }
        return Double(counts[keyPath: figure] - before) * 100 / Double(before)
    }
}
