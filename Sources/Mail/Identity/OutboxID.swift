/// The id of one recipient's copy of a message: the message's id with the row's number, 1 to 65,535, in the low 16
/// bits.
public struct OutboxID: Hashable, Comparable, Sendable {
    let words: UUIDWords

    init?(words: UUIDWords) {
        guard words.isVersion7, words.low & 0xFFFF != 0 else { return nil }
        self.words = words
    }

    /// For words that a `MessageID` vouches for.
    init(unchecked words: UUIDWords) {
        self.words = words
    }

    /// Parses the canonical lower-case text of an outbox id; nil for every other text.
    public init?(_ text: some StringProtocol) {
        guard let words = UUIDWords(text: text) else { return nil }
        self.init(words: words)
    }

    /// Takes sixteen bytes, most significant first; nil when they are no outbox id.
    public init?(bytes: some Collection<UInt8>) {
        guard let words = UUIDWords(bytes: bytes) else { return nil }
        self.init(words: words)
    }

    /// Takes the two halves of the 128-bit number; nil when they are no outbox id.
    public init?(high: UInt64, low: UInt64) {
        self.init(words: UUIDWords(high: high, low: low))
    }

    /// The sixteen bytes, most significant first.
    public var bytes: [UInt8] { words.bytes }

    /// The upper half of the 128-bit number.
    public var high: UInt64 { words.high }

    /// The lower half of the 128-bit number.
    public var low: UInt64 { words.low }

    /// The row's number within its message, 1 to 65,535.
    public var number: Int { Int(words.low & 0xFFFF) }

    /// When the message was made, in milliseconds since 1970.
    public var milliseconds: Int64 { Int64(words.high >> 16) }

    /// The message that this row is a copy of.
    public var message: MessageID {
        .make(milliseconds: words.high >> 16, counter: words.high, random: words.low >> 16)
    }

    public static func < (left: OutboxID, right: OutboxID) -> Bool {
        left.words < right.words
    }
}

extension OutboxID: LosslessStringConvertible {
    public init?(_ description: String) {
        guard let words = UUIDWords(text: description) else { return nil }
        self.init(words: words)
    }

    /// The canonical lower-case UUID.
    public var description: String { words.text }
}

extension OutboxID: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = OutboxID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an outbox id")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
