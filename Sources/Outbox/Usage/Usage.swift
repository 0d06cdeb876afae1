public import Foundation

/// What a tenant used of one region on one day (UTC), in recipients.
public struct UsageDay: Equatable, Sendable {
    /// Such as `2026-02-03`.
    public let day: String
    public let region: String
    /// Accepted by the API, suppressed ones included.
    public let accepted: Int
    /// Taken by SES: more than once where one was sent again after an unknown outcome.
    public let sent: Int
    public let delivered: Int
    public let bounced: Int
    public let complained: Int

    public init(
        day: String,
        region: String,
        accepted: Int,
        sent: Int,
        delivered: Int,
        bounced: Int,
        complained: Int
    ) {
        self.day = day
        self.region = region
        self.accepted = accepted
        self.sent = sent
        self.delivered = delivered
        self.bounced = bounced
        self.complained = complained
    }
}

/// What a tenant used over some days.
public struct Usage: Sendable {
    /// Newest day first, regions by name.
    public let days: [UsageDay]
    /// The day to go on from, where there was too much for one answer.
    public let next: String?
    /// Whether there was.
    public let hasMore: Bool
    /// Everything up to then is counted; nil before the first count.
    public let countedUntil: Date?

    public init(days: [UsageDay], next: String? = nil, hasMore: Bool = false, countedUntil: Date?) {
        self.days = days
        self.next = next
        self.hasMore = hasMore
        self.countedUntil = countedUntil
    }
}

/// What one of a tenant's lanes gets now.
public struct LaneRate: Equatable, Sendable {
    public let laneID: Int32
    /// Recipients a second; of a lane where nothing waits, what it would get at once.
    public let rate: Double
    /// Why it gets nothing; nil where it does.
    public let blocker: MessageView.Waiting.Blocker?

    public init(laneID: Int32, rate: Double, blocker: MessageView.Waiting.Blocker? = nil) {
        self.laneID = laneID
        self.rate = rate
        self.blocker = blocker
    }
}
