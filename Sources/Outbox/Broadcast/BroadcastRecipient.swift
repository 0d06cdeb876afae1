/// One recipient of a broadcast, on its way into the outbox.
public struct BroadcastRecipient: Hashable, Sendable {
    public let email: String
    /// What it has of its own, as JSON; nil when it has nothing.
    public let data: [UInt8]?

    public init(email: String, data: [UInt8]?) {
        self.email = email
        self.data = data
    }
}
