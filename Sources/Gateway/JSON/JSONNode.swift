/// One value of a JSON text, or a member's name: where it stands, and where the next one beside it does.
struct JSONNode: Sendable {
    enum Kind: UInt8, Sendable {
        case null, no, yes, number, array, object
        case string
        /// A string with an escape in it.
        case escaped
    }

    /// In the text; a string's are within its quotes.
    var start: UInt32
    var end: UInt32
    /// The node behind this one and all that is in it.
    var next: UInt32
    /// Of elements or members.
    var count: UInt16
    var kind: Kind

    var range: Range<Int> { Int(start)..<Int(end) }

    /// A string's text.
    func text(in bytes: [UInt8]) -> String {
        kind == .escaped ? Self.unescape(bytes[range]) : String(decoding: bytes[range], as: UTF8.self)
    }

    /// The parser has seen that the escapes are right.
    private static func unescape(_ bytes: ArraySlice<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var rest = bytes
        while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
            text += rest[..<backslash]
            rest = rest[(backslash + 1)...]
            switch rest.popFirst() {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "u"):
                var unit = hexadecimal(&rest)
                if (0xD800...0xDBFF).contains(unit) {
                    rest = rest.dropFirst(2)
                    unit = 0x10000 + (unit - 0xD800) << 10 + (hexadecimal(&rest) - 0xDC00)
                }
                if let scalar = Unicode.Scalar(unit) { text += Array(Character(scalar).utf8) }
            case .some(let byte): text.append(byte)
            case nil: break
            }
        }
        text += rest
        return String(decoding: text, as: UTF8.self)
    }

    private static func hexadecimal(_ rest: inout ArraySlice<UInt8>) -> UInt32 {
        defer { rest = rest.dropFirst(4) }
        return UInt32(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16) ?? 0xFFFD
    }
}
