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
    /// A JSON object of what is otherwise now; nil where nothing was, or no more is said than in `detail`.
    public var before: String?
    /// The same of what is.
    public var after: String?
    /// Nil for the command line, and for what the gateway did by itself.
    public var requestID: String?
}
