/// The 128 bits behind `MessageID` and `OutboxID`: two big-endian words, their text and their bytes.
struct UUIDWords: Hashable, Comparable, Sendable {
    var high: UInt64
    var low: UInt64

    /// Version 7 and the RFC 9562 variant.
    var isVersion7: Bool {
        (high >> 12) & 0xF == 7 && low >> 62 == 0b10
    }

    static func < (left: UUIDWords, right: UUIDWords) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension UUIDWords {
    /// The canonical form only: 36 characters, lower-case hexadecimal digits, hyphens at 8, 13, 18 and 23.
    init?(text: some StringProtocol) {
        self.init(high: 0, low: 0)
        var digits = 0
        var position = 0
        for byte in text.utf8 {
            switch position {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return nil }
            case 36...:
                return nil
            default:
                guard let value = Self.value(ofDigit: byte) else { return nil }
                if digits < 16 {
                    high = high << 4 | value
                } else {
                    low = low << 4 | value
                }
                digits += 1
            }
            position += 1
        }
        guard position == 36 else { return nil }
    }

    var text: String {
        var characters: [UInt8] = []
        characters.reserveCapacity(36)
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 { characters.append(UInt8(ascii: "-")) }
            let word = digit < 16 ? high : low
            let nibble = UInt8(truncatingIfNeeded: (word >> (60 - 4 * UInt64(digit & 15))) & 0xF)
            characters.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
        return String(decoding: characters, as: UTF8.self)
    }

    private static func value(ofDigit byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}

extension UUIDWords {
    /// Exactly sixteen bytes, most significant first.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.init(high: 0, low: 0)
        var index = 0
        for byte in bytes {
            if index < 8 {
                high = high << 8 | UInt64(byte)
            } else {
                low = low << 8 | UInt64(byte)
            }
            index += 1
        }
    }

    var bytes: [UInt8] {
        var result = [UInt8](repeating: 0, count: 16)
        for index in 0..<8 {
            let shift = 56 - 8 * UInt64(index)
            result[index] = UInt8(truncatingIfNeeded: high >> shift)
            result[index + 8] = UInt8(truncatingIfNeeded: low >> shift)
        }
        return result
    }
}
