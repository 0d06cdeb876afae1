/// What was sent, and what of it came back.
public struct MailCounts: Hashable, Sendable {
    public var sent: Int
    /// Permanent bounces.
    public var bounced: Int
    public var complained: Int

    public init(sent: Int = 0, bounced: Int = 0, complained: Int = 0) {
        self.sent = sent
        self.bounced = bounced
        self.complained = complained
    }

    /// Percent of the sends; 0 where there are none.
    public var bounceRate: Double { rate(bounced) }
    public var complaintRate: Double { rate(complained) }

    private func rate(_ count: Int) -> Double { sent > 0 ? 100 * Double(count) / Double(sent) : 0 }

    static func + (left: MailCounts, right: MailCounts) -> MailCounts {
        MailCounts(
            sent: left.sent + right.sent,
            bounced: left.bounced + right.bounced,
            complained: left.complained + right.complained
        )
    }

    static func += (left: inout MailCounts, right: MailCounts) { left = left + right }
}
