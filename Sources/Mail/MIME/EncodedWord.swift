internal import FoundationEssentials

/// Encoded words (RFC 2047): non-ASCII text in header fields.
///
/// Written as UTF-8, in the shorter of the two encodings, at most 75 characters a word, never splitting a scalar.
enum EncodedWord {
    /// RFC 2047, section 2.
    static let maximumLength = 75
    private static let overhead = "=?utf-8?q?".utf8.count + "?=".utf8.count

    enum Encoding { case q, b }

    /// Whether a decoder might take a part of the text for an encoded word.
    static func looksEncoded(_ text: some StringProtocol) -> Bool {
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if previous == UInt8(ascii: "="), byte == UInt8(ascii: "?") { return true }
            previous = byte
        }
        return false
    }

    /// The encoding that takes fewer bytes for the whole text.
    static func shorterEncoding(_ text: Substring) -> Encoding {
        var q = 0
        var b = 0
        for byte in text.utf8 {
            q += isPlain(byte) || byte == ASCII.space ? 1 : 3
            b += 1
        }
        return q <= (b + 2) / 3 * 4 ? .q : .b
    }

    /// One word of at most `room` characters, 24 or more, from the front of `text`, and the text that is left.
    static func take(_ text: Substring, room: Int, encoding: Encoding) -> (word: [UInt8], rest: Substring) {
        let capacity = min(room, maximumLength) - overhead
        var used = 0
        var end = text.startIndex
        for scalar in text.unicodeScalars {
            let cost = cost(scalar, encoding)
            let total = used + cost
            guard (encoding == .b ? (total + 2) / 3 * 4 : total) <= capacity else { break }
            used = total
            end = text.unicodeScalars.index(after: end)
        }
        let taken = text[..<end]
        var word = Array((encoding == .q ? "=?utf-8?q?" : "=?utf-8?b?").utf8)
        switch encoding {
        case .q: for byte in taken.utf8 { appendQ(byte, to: &word) }
        case .b: word.append(contentsOf: Data(taken.utf8).base64EncodedData())
        }
        word.append(contentsOf: "?=".utf8)
        return (word, text[end...])
    }

    private static func cost(_ scalar: Unicode.Scalar, _ encoding: Encoding) -> Int {
        let count = UTF8.width(scalar)
        guard encoding == .q else { return count }
        if count == 1 {
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            return isPlain(byte) || byte == ASCII.space ? 1 : 3
        }
        return 3 * count
    }

    /// What may stand for itself in every place (RFC 2047, section 5, rule 3).
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"): true
        default: ASCII.isAlphanumeric(byte)
        }
    }

    private static func appendQ(_ byte: UInt8, to word: inout [UInt8]) {
        if byte == ASCII.space {
            word.append(UInt8(ascii: "_"))
        } else if isPlain(byte) {
            word.append(byte)
        } else {
            word.append(UInt8(ascii: "="))
            word.append(Hexadecimal.upper(byte >> 4))
            word.append(Hexadecimal.upper(byte & 0xF))
        }
    }
}
