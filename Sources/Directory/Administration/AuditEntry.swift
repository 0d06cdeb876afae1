public import struct Foundation.Date

/// Who changed what, as the audit keeps it.
public struct AuditEntry: Equatable, Sendable {
    /// Grows with time.
    public let id: Int64
    public let at: Date
    /// `cli:USER`, or the admin key's label and id.
    public let actor: String
    public let action: String
    public let object: String
    /// A JSON object.
    public let detail: String
}
