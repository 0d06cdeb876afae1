public import Foundation

/// Where a tenant wants to be told of events. Its secret is not part of it: only making and rotating show one.
public struct WebhookEndpoint: Sendable {
    public enum Status: String, CaseIterable, Sendable {
        case active
        case disabled
    }

    public let id: UUID
    public let url: String
    public let description: String
    /// Nil: all types.
    public let events: [String]?
    public let filter: FilterSettings
    /// Requests per second; nil: as fast as it answers.
    public let maxRate: Int?
    public let status: Status
    /// `gone`, `failing` or `tenant`.
    public let disabledReason: String?
    public let disabledAt: Date?
    public let failingSince: Date?
    /// Until then the secret before the last rotation signs too.
    public let oldSecretUntil: Date?
    public let createdAt: Date
    public let version: Int64

    public init(
        id: UUID,
        url: String,
        description: String,
        events: [String]?,
        filter: FilterSettings,
        maxRate: Int?,
        status: Status,
        disabledReason: String?,
        disabledAt: Date?,
        failingSince: Date?,
        oldSecretUntil: Date?,
        createdAt: Date,
        version: Int64
    ) {
        self.id = id
        self.url = url
        self.description = description
        self.events = events
        self.filter = filter
        self.maxRate = maxRate
        self.status = status
        self.disabledReason = disabledReason
        self.disabledAt = disabledAt
        self.failingSince = failingSince
        self.oldSecretUntil = oldSecretUntil
        self.createdAt = createdAt
        self.version = version
    }
}
