/// The id of a message: a UUIDv7 (RFC 9562) whose low 16 bits are zero, so that the ids of its outbox rows lie
/// directly above it.
///
/// Layout: 48 bits of milliseconds since 1970, version 7, a 12-bit counter, the variant, 46 random bits, 16 zero bits.
/// Order is the order of the unsigned 128-bit number, which is the order of the text and of PostgreSQL's `uuid`.
public struct MessageID: Hashable, Comparable, Sendable {
    let words: UUIDWords

    init?(words: UUIDWords) {
        guard words.isVersion7, words.low & 0xFFFF == 0 else { return nil }
        self.words = words
    }

    /// Parses the canonical lower-case text of a message id; nil for every other text.
    public init?(_ text: some StringProtocol) {
        guard let words = UUIDWords(text: text) else { return nil }
        self.init(words: words)
    }

    /// Takes sixteen bytes, most significant first; nil when they are no message id.
    public init?(bytes: some Collection<UInt8>) {
        guard let words = UUIDWords(bytes: bytes) else { return nil }
        self.init(words: words)
    }

    /// Takes the two halves of the 128-bit number; nil when they are no message id.
    public init?(high: UInt64, low: UInt64) {
        self.init(words: UUIDWords(high: high, low: low))
    }

    private init(milliseconds: UInt64, counter: UInt64, random: UInt64) {
        let high = milliseconds << 16 | 0x7000 | (counter & 0xFFF)
        let low = 1 << 63 | (random & 0x3FFF_FFFF_FFFF) << 16
        self.words = UUIDWords(high: high, low: low)
    }

    /// The sixteen bytes, most significant first.
    public var bytes: [UInt8] { words.bytes }

    /// The upper half of the 128-bit number.
    public var high: UInt64 { words.high }

    /// The lower half of the 128-bit number.
    public var low: UInt64 { words.low }

    /// When the id was made, in milliseconds since 1970.
    public var milliseconds: Int64 { Int64(words.high >> 16) }

    public static func < (left: MessageID, right: MessageID) -> Bool {
        left.words < right.words
    }
}

extension MessageID {
    /// The last millisecond that 48 bits can say (in the year 10889).
    static let lastMillisecond: UInt64 = (1 << 48) - 1

    /// `milliseconds` is clamped to 48 bits, `counter` to 12 and `random` to 46.
    static func make(milliseconds: UInt64, counter: UInt64, random: UInt64) -> MessageID {
        MessageID(milliseconds: min(milliseconds, lastMillisecond), counter: counter, random: random)
    }

    /// The smallest id that can be made at `milliseconds` since 1970: the lower bound of a day's partition or of a
    /// time filter.
    public static func earliest(milliseconds: Int64) -> MessageID {
        make(milliseconds: UInt64(clamping: milliseconds), counter: 0, random: 0)
    }

    /// The id of outbox row `number`, 1 to 65,535; nil outside of that.
    public func outbox(_ number: Int) -> OutboxID? {
        guard (1...0xFFFF).contains(number) else { return nil }
        return OutboxID(words: UUIDWords(high: words.high, low: words.low | UInt64(number)))
    }

    /// Every outbox id that this message can have.
    public var range: ClosedRange<OutboxID> {
        let first = UUIDWords(high: words.high, low: words.low | 1)
        let last = UUIDWords(high: words.high, low: words.low | 0xFFFF)
        return OutboxID(unchecked: first)...OutboxID(unchecked: last)
    }
}

extension MessageID: LosslessStringConvertible {
    public init?(_ description: String) {
        guard let words = UUIDWords(text: description) else { return nil }
        self.init(words: words)
    }

    /// The canonical lower-case UUID.
    public var description: String { words.text }
}

extension MessageID: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = MessageID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a message id")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
