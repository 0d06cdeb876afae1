public import struct Foundation.Date

/// Which entries of the audit are wanted: those that match all that is given.
public struct AuditFilter: Equatable, Sendable {
    public var actor: String?
    public var action: String?
    public var object: String?
    public var requestID: String?
    /// Not before this time.
    public var createdAfter: Date?
    /// Before this time.
    public var createdBefore: Date?

    public init() {}
}
