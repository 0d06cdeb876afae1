/// A text body in CRLF lines and the transfer encoding that suits it (RFC 2045, section 6).
///
/// 7bit where the text is ASCII in lines of at most 998 bytes, else quoted-printable or base64, whichever is shorter.
struct TextEncoding {
    enum Name: String { case sevenBit = "7bit", quotedPrintable = "quoted-printable", base64 }

    let name: Name
    /// The encoded body.
    let bytes: [UInt8]

    /// Line ends of any kind (CRLF, LF, CR) become CRLF.
    init(_ text: String) {
        let lines = Self.normalized(text)
        var longest = 0
        var lineStart = 0
        var plain = true
        var escapes = 0
        for (index, byte) in lines.enumerated() {
            if byte == ASCII.lineFeed {
                longest = max(longest, index - 1 - lineStart)
                lineStart = index + 1
                continue
            }
            if ASCII.isPrintable(byte) && byte != UInt8(ascii: "=") || byte == ASCII.tab || byte == ASCII.carriageReturn
            {
                continue
            }
            escapes += 1
            if byte != UInt8(ascii: "=") { plain = false }
        }
        longest = max(longest, lines.count - lineStart)
        if plain && longest <= 998 && !Self.hasMailboxLine(lines) {
            name = .sevenBit
            bytes = lines
        } else if lines.count + 2 * escapes <= (lines.count + 2) / 3 * 4 {
            name = .quotedPrintable
            bytes = QuotedPrintable.encode(lines)
        } else {
            name = .base64
            bytes = WrappedBase64.encode(lines)
        }
    }

    private static func normalized(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + text.utf8.count / 32)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case ASCII.carriageReturn:
                result.append(ASCII.carriageReturn)
                result.append(ASCII.lineFeed)
            case ASCII.lineFeed:
                if previous != ASCII.carriageReturn {
                    result.append(ASCII.carriageReturn)
                    result.append(ASCII.lineFeed)
                }
            default:
                result.append(byte)
            }
            previous = byte
        }
        return result
    }

    /// Whether a line starts with `From `, which mailbox files change and so break signatures.
    private static func hasMailboxLine(_ lines: [UInt8]) -> Bool {
        let mark = Array("From ".utf8)
        var index = 0
        while index < lines.count {
            if lines[index...].starts(with: mark) { return true }
            guard let end = lines[index...].firstIndex(of: ASCII.lineFeed) else { return false }
            index = end + 1
        }
        return false
    }
}
