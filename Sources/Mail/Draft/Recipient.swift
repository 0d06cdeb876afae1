/// Who gets a copy of a message, and where they stand in its header.
public struct Recipient: Hashable, Sendable {
    public let kind: RecipientKind
    public let address: EmailAddress

    public init(kind: RecipientKind, address: EmailAddress) {
        self.kind = kind
        self.address = address
    }
}
