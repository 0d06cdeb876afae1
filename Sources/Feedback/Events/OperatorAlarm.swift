/// Something at an account that only its operator can put right.
public struct OperatorAlarm: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        /// Apple's private relay does not know a sender's domain.
        case privateRelay = "private_relay"
        /// An address could not be written into SES's own suppression list.
        case mirror
    }

    public let kind: Kind
    /// Never an address.
    public let object: String
    public let detail: String

    public init(_ kind: Kind, object: String, detail: String) {
        self.kind = kind
        self.object = object
        self.detail = detail
    }
}
