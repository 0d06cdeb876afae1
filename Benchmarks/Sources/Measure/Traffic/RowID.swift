/// The id of an outbox row: a UUID whose last 16 bits are the recipient's number in its message.
public struct RowID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the 36 characters of a UUID; nil for anything else.
    public init?(_ text: some Sequence<UInt8>) {
        var words: [UInt64] = [0, 0]
        var digits = 0
        for byte in text where byte != UInt8(ascii: "-") {
            guard digits < 32, let digit = Self.digit(byte) else { return nil }
            words[digits / 16] = words[digits / 16] << 4 | digit
            digits += 1
        }
        guard digits == 32 else { return nil }
        self.init(high: words[0], low: words[1])
    }

    /// The id of the message that the row belongs to.
    public var message: RowID { RowID(high: high, low: low & ~0xffff) }

    public var text: String {
        let digits = [high, low].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        let cuts = [0, 8, 12, 16, 20, 32]
        return zip(cuts, cuts.dropFirst()).map { String(digits.dropFirst($0).prefix($1 - $0)) }.joined(separator: "-")
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}
