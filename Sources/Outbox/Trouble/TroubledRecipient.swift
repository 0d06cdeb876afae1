public import Foundation
public import Mail

/// A recipient that something went wrong for, as those who run the gateway see it: over all tenants, without what was written.
public struct TroubledRecipient: Sendable {
    public let id: OutboxID
    public let tenantID: Int32
    public let email: String
    public let status: MessageStatus
    public let attempts: Int
    /// In the words of SES where it has some.
    public let reason: String?
    public let region: String
    public let stream: String
    public let createdAt: Date
    public let updatedAt: Date
    /// An unknown outcome that waits for somebody's decision.
    public let isHeld: Bool

    public init(
        id: OutboxID,
        tenantID: Int32,
        email: String,
        status: MessageStatus,
        attempts: Int,
        reason: String?,
        region: String,
        stream: String,
        createdAt: Date,
        updatedAt: Date,
        isHeld: Bool
    ) {
        self.id = id
        self.tenantID = tenantID
        self.email = email
        self.status = status
        self.attempts = attempts
        self.reason = reason
        self.region = region
        self.stream = stream
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.isHeld = isHeld
    }

    /// Whether it can be sent again, as far as its status tells.
    public var mayGoAgain: Bool { status == .failed || isHeld }
}

/// Which of them are asked for; nil: any.
public struct TroubleFilter: Equatable, Sendable {
    /// What can be asked for: every status that is neither on its way nor a delivery.
    public static let statuses: [MessageStatus] = [
        .failed, .unknown, .bounced, .complained, .rejected, .delayed, .expired,
    ]
    /// How far back is looked unless more is asked for.
    public static let standardAge = Duration.seconds(7 * 86_400)

    public var status = MessageStatus.failed
    public var tenantID: Int32?
    /// Of the address, in lower case and Punycode.
    public var domain: String?
    /// What the reason contains, in any case.
    public var reason: String?
    public var createdAfter: Date?
    public var createdBefore: Date?

    public init() {}
}
