/// Reads the members of one JSON object without building a tree: a text member is decoded, everything else is stepped over.
///
/// Foundation's decoder takes the first of two members with the same name where others take the last; a signature must
/// cover what is read.
struct MemberScanner {
    /// What stands behind a name.
    enum Value: Equatable {
        case text(String)
        /// `null`, a number, an object and so on.
        case other(isNull: Bool)
    }

    private static let mostMembers = 200
    private static let mostDepth = 64

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The members in order, doubles included; nil when the text is not one object in JSON and nothing else.
    static func members(_ bytes: [UInt8]) -> [(name: String, value: Value)]? {
        var scanner = MemberScanner(bytes)
        return scanner.object()
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func object() -> [(name: String, value: Value)]? {
        var members: [(name: String, value: Value)] = []
        skipSpace()
        guard take("{") else { return nil }
        skipSpace()
        if !take("}") {
            repeat {
                skipSpace()
                guard members.count < Self.mostMembers, let name = text() else { return nil }
                skipSpace()
                guard take(":") else { return nil }
                skipSpace()
                guard let value = value() else { return nil }
                members.append((name, value))
                skipSpace()
            } while take(",")
            guard take("}") else { return nil }
        }
        skipSpace()
        return current == nil ? members : nil
    }

    private mutating func value() -> Value? {
        switch current {
        case UInt8(ascii: "\""): text().map(Value.text)
        case UInt8(ascii: "{"), UInt8(ascii: "["): skipNested() ? .other(isNull: false) : nil
        default: word().map { .other(isNull: $0) }
        }
    }

    /// Steps over an object or an array by its brackets; the grammar inside is its reader's business.
    private mutating func skipNested() -> Bool {
        var closing: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                guard text() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard closing.count < Self.mostDepth else { return false }
                closing.append(byte == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]"))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard closing.popLast() == byte else { return false }
            default: break
            }
            position += 1
            if closing.isEmpty { return true }
        }
        return false
    }

    /// A literal or a number; whether it is `null`.
    private mutating func word() -> Bool? {
        let start = position
        while let byte = current, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}"), byte > 0x20 { position += 1 }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        guard ["null", "true", "false"].contains(word) || Double(word) != nil else { return nil }
        return word == "null"
    }

    /// The text between quotes, escapes resolved; nil for what is not UTF-8 or no JSON.
    private mutating func text() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                text += Array(String(scalar).utf8)
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = current else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: return nil
        }
        guard let unit = hexadecimal() else { return nil }
        guard (0xD800...0xDFFF).contains(unit) else { return Unicode.Scalar(unit) }
        guard unit < 0xDC00, take("\\"), take("u"), let low = hexadecimal(), (0xDC00...0xDFFF).contains(low) else {
            return nil
        }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    }

    private mutating func hexadecimal() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for byte in bytes[position..<(position + 4)] {
            guard byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }
}
