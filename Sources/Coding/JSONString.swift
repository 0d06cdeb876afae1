extension [UInt8] {
    /// Appends the text as a JSON string, in quotes (RFC 8259, section 7). What needs no escape, which is nearly all of a
    /// body, is looked at and copied in pieces.
    public mutating func appendJSON(_ text: String) {
        let source = Array(text.utf8)
        append(UInt8(ascii: "\""))
        var copied = 0
        while let index = source.firstJSONEscape(from: copied) {
            append(contentsOf: source[copied..<index])
            appendEscape(source[index])
            copied = index + 1
        }
        append(contentsOf: source[copied...])
        append(UInt8(ascii: "\""))
    }

    /// Where the first byte stands that may not be written as it is: a quote, a backslash or a control character.
    public func firstJSONEscape(from start: Int) -> Int? {
        var index = start
        while index < count {
            let end = Swift.min(index + 32, count)
            if end - index == 32 {
                // A loop without a way out, which the compiler turns into a few vector instructions.
                var found: UInt8 = 0
                for place in index..<end { found |= Self.needsEscape(self[place]) }
                if found == 0 {
                    index = end
                    continue
                }
            }
            while index < end {
                if Self.needsEscape(self[index]) != 0 { return index }
                index += 1
            }
        }
        return nil
    }

    /// One or more where it does. A number, because `||` would be a branch.
    private static func needsEscape(_ byte: UInt8) -> UInt8 {
        (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0) | (byte == UInt8(ascii: "\\") ? 1 : 0)
    }

    private mutating func appendEscape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0..<0x20: append(contentsOf: ("u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8)
        default: append(byte)
        }
    }
}
