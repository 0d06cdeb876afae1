public import Foundation

/// The erasing of one address of a tenant's, and what came of it. Says nowhere which address.
public struct Erasure: Sendable {
    public let id: UUID
    /// What stands in the address's place.
    public let pseudonym: String
    /// Mail to the address that was not sent any more.
    public let canceled: Int64
    public let recipients: Int64
    public let events: Int64
    public let bodies: Int64
    /// Suppressions that stay, under the pseudonym.
    public let suppressions: Int64
    public let createdAt: Date
    /// Nil while it goes on.
    public let endedAt: Date?

    public init(
        id: UUID,
        pseudonym: String,
        canceled: Int64 = 0,
        recipients: Int64 = 0,
        events: Int64 = 0,
        bodies: Int64 = 0,
        suppressions: Int64 = 0,
        createdAt: Date,
        endedAt: Date? = nil
    ) {
        self.id = id
        self.pseudonym = pseudonym
        self.canceled = canceled
        self.recipients = recipients
        self.events = events
        self.bodies = bodies
        self.suppressions = suppressions
        self.createdAt = createdAt
        self.endedAt = endedAt
    }
}
