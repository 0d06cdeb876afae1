import FoundationEssentials

/// The key that an endpoint's deliveries are signed with (Standard Webhooks 1.0): 24 to 64 random bytes. Its descriptions
/// never show them.
public struct WebhookSecret: Hashable, Sendable {
    /// What the text form starts with.
    public static let prefix = "whsec_"
    /// How many bytes a secret may have.
    public static let lengths = 24...64

    public let bytes: [UInt8]

    /// Nil for too few or too many bytes.
    public init?(bytes: [UInt8]) {
        guard Self.lengths.contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    /// Reads the text form; nil for anything but `whsec_` and the Base64 of 24 to 64 bytes, padded, without white space.
    public init?(text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let encoded = String(text.dropFirst(Self.prefix.count))
        guard let data = Data(base64Encoded: encoded), data.base64EncodedString() == encoded else { return nil }
        self.init(bytes: Array(data))
    }

    /// A new secret of 32 bytes.
    public static func generate() -> WebhookSecret {
        WebhookSecret(unchecked: SecureRandom.bytes(32))
    }

    private init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// `whsec_` and the Base64: what the tenant is shown once.
    public var text: String {
        Self.prefix + Data(bytes).base64EncodedString()
    }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "webhook secret" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
