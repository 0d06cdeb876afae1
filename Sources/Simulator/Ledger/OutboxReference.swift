/// The value of a `sluice-id` tag in 17 bytes: a UUID, a short text, or the number of a text that the ledger keeps aside.
struct OutboxReference: Hashable, Comparable, Sendable {
    enum Kind: UInt8 {
        case none
        case uuid
        case short
        case aside
    }

    let kind: Kind
    let high: UInt64
    let low: UInt64

    static let none = OutboxReference(kind: .none, high: 0, low: 0)

    init(kind: Kind, high: UInt64, low: UInt64) {
        self.kind = kind
        self.high = high
        self.low = low
    }

    /// The text packed, or nil where it is neither a lower-case UUID nor at most 16 bytes without NUL.
    init?(packing text: String) {
        let bytes = text.utf8
        if bytes.count == 36, let (high, low) = Self.uuid(text) {
            self.init(kind: .uuid, high: high, low: low)
        } else if bytes.count <= 16, !bytes.contains(0) {
            var words: [UInt64] = [0, 0]
            for (index, byte) in bytes.enumerated() {
                words[index / 8] |= UInt64(byte) << UInt64(56 - index % 8 * 8)
            }
            self.init(kind: .short, high: words[0], low: words[1])
        } else {
            return nil
        }
    }

    /// The text of a UUID or of a short text; nil for the other kinds.
    var text: String? {
        switch kind {
        case .none, .aside: nil
        case .uuid: uuidText
        case .short: shortText
        }
    }

    static func < (left: OutboxReference, right: OutboxReference) -> Bool {
        if left.high != right.high { return left.high < right.high }
        if left.low != right.low { return left.low < right.low }
        return left.kind.rawValue < right.kind.rawValue
    }

    private var shortText: String {
        var text: [UInt8] = []
        for index in 0..<16 {
            let word = index < 8 ? high : low
            let byte = UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8))
            if byte == 0 { break }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private var uuidText: String {
        let hex = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 { text.append(UInt8(ascii: "-")) }
            let word = digit < 16 ? high : low
            text.append(hex[Int((word >> UInt64(60 - digit % 16 * 4)) & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func uuid(_ text: String) -> (UInt64, UInt64)? {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var digits = 0
        for (index, byte) in text.utf8.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if digits < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
            digits += 1
        }
        return (high, low)
    }
}
