/// What is accepted of a tenant at most, in recipients; nil is no limit.
public struct AcceptLimits: Equatable, Sendable {
    /// That wait to be sent at once, those that are scheduled among them.
    public var queued: Int?
    /// In 24 hours.
    public var daily: Int?

    public init(queued: Int? = nil, daily: Int? = nil) {
        self.queued = queued
        self.daily = daily
    }

    /// Nothing is limited, and nothing need be counted.
    public var isEmpty: Bool { queued == nil && daily == nil }
}
