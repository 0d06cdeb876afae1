public import Mail

/// What a link to unsubscribe says: whose bulk mail somebody does not want, to which address, and by which copy.
public struct Unsubscription: Hashable, Sendable {
    public let tenantID: Int32
    /// The copy that the link was in.
    public let copy: OutboxID
    public let email: String

    public init(tenantID: Int32, copy: OutboxID, email: String) {
        self.tenantID = tenantID
        self.copy = copy
        self.email = email
    }
}
