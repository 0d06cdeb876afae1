/// Quoted-printable (RFC 2045, section 6.7) of CRLF text, in lines of at most 76 characters.
enum QuotedPrintable {
    private static let softLimit = 75

    static func encode(_ lines: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(lines.count + lines.count / 4)
        var column = 0
        var index = 0
        while index < lines.count {
            let byte = lines[index]
            if byte == ASCII.carriageReturn {
                // Every CR is followed by its LF: the text was normalised.
                result.append(ASCII.carriageReturn)
                result.append(ASCII.lineFeed)
                column = 0
                index += 2
                continue
            }
            let literal = isLiteral(byte, in: lines, at: index, column: column)
            let width = literal ? 1 : 3
            if column + width > softLimit {
                result.append(contentsOf: [UInt8(ascii: "="), ASCII.carriageReturn, ASCII.lineFeed])
                column = 0
                // A soft line starts anew: what must not stand at a line's start is looked at again.
                continue
            }
            if literal {
                result.append(byte)
            } else {
                result.append(UInt8(ascii: "="))
                result.append(Hexadecimal.upper(byte >> 4))
                result.append(Hexadecimal.upper(byte & 0xF))
            }
            column += width
            index += 1
        }
        return result
    }

    private static func isLiteral(_ byte: UInt8, in lines: [UInt8], at index: Int, column: Int) -> Bool {
        switch byte {
        case ASCII.space, ASCII.tab:
            // White space at a line's end may be lost on the way.
            return index + 1 < lines.count && lines[index + 1] != ASCII.carriageReturn
        case UInt8(ascii: "="):
            return false
        case UInt8(ascii: "."):
            // A line of one dot ends a mail in SMTP; some gateways forget to double it.
            return column > 0
        case UInt8(ascii: "F"):
            // Mailbox files put `>` before a line that starts so.
            return column > 0 || !lines[index...].starts(with: "From ".utf8)
        default:
            return byte > 0x20 && byte < 0x7F
        }
    }
}
