/// Why mail is not accepted now: it would go beyond one of the tenant's limits.
public struct LimitRefusal: Equatable, Sendable {
    /// Which limit; more may be added.
    public enum Limit: Sendable {
        case queued
        case daily
    }

    public let limit: Limit
    /// The limit itself, in recipients.
    public let most: Int
    /// Whole seconds after which there may be room.
    public let retryAfter: Int

    public init(limit: Limit, most: Int, retryAfter: Int) {
        self.limit = limit
        self.most = most
        self.retryAfter = retryAfter
    }
}
