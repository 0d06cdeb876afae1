extension JSONReader {
    static func isUTF8(_ bytes: [UInt8]) -> Bool {
        (try? UTF8Span(validating: bytes.span)) != nil
    }

    /// Resolves the escapes of string content that `stringContent` has checked.
    func unescape(_ content: Range<Int>) throws(ServiceFailure) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(content.count)
        var position = content.lowerBound
        while position < content.upperBound {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            let escaped = bytes[position]
            position += 1
            switch escaped {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"): text.append(contentsOf: try scalar(&position, before: content.upperBound))
            default: text.append(escaped)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The UTF-8 of the scalar whose `\u` has just been passed; a pair of surrogates is one scalar.
    private func scalar(_ position: inout Int, before end: Int) throws(ServiceFailure) -> [UInt8] {
        var value = UInt32(hexadecimal(position))
        position += 4
        if (0xD800..<0xDC00).contains(value) {
            guard position + 6 <= end, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
            else { throw ServiceFailure.serialization("A lone surrogate at byte \(position)") }
            let low = UInt32(hexadecimal(position + 2))
            guard (0xDC00..<0xE000).contains(low) else {
                throw ServiceFailure.serialization("A lone surrogate at byte \(position)")
            }
            position += 6
            value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw ServiceFailure.serialization("A lone surrogate at byte \(position)")
        }
        return Array(String(Character(scalar)).utf8)
    }

    private func hexadecimal(_ position: Int) -> UInt16 {
        bytes[position..<(position + 4)].reduce(0) { value, byte in
            value << 4 | UInt16(Self.hexadecimalDigit(byte) ?? 0)
        }
    }

    static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
