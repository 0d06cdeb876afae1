/// Text as JSON writes it (RFC 8259). Beyond what JSON asks, C1 controls and the Unicode line ends are escaped too, so that no
/// value can move a terminal's cursor or break a line in a reader that splits at those.
enum JSONText {
    static func append(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }) {
            line += text.utf8
        } else {
            for scalar in text.unicodeScalars { append(scalar, to: &line) }
        }
        line.append(UInt8(ascii: "\""))
    }

    private static func append(_ scalar: Unicode.Scalar, to line: inout [UInt8]) {
        switch scalar.value {
        case 0x22, 0x5C: line += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
        case 0x0A: line += "\\n".utf8
        case 0x0D: line += "\\r".utf8
        case 0x09: line += "\\t".utf8
        default:
            if needsEscape(scalar) {
                line += "\\u".utf8
                let digits = String(scalar.value, radix: 16)
                line += String(repeating: "0", count: 4 - digits.count).utf8
                line += digits.utf8
            } else {
                line += scalar.utf8
            }
        }
    }

    /// Whether a reader or a terminal could take the character for something else than text.
    static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        default: false
        }
    }
}
