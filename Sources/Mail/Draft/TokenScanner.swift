/// Reads the tokens and quoted strings of a media type (RFC 2045, section 5.1). Spaces between them are skipped.
struct TokenScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        skipSpace()
    }

    var isAtEnd: Bool { position == bytes.count }

    /// True, and one byte further, when `character` is next.
    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        skipSpace()
        return true
    }

    mutating func token() -> String? {
        let start = position
        while position < bytes.count, ASCII.isToken(bytes[position]) { position += 1 }
        guard position > start else { return nil }
        defer { skipSpace() }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// A token or a quoted string, unquoted; nil also where the quotes never end.
    mutating func value() -> String? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return token() }
        var value: [UInt8] = []
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") { position += 1 }
            guard position < bytes.count else { return nil }
            value.append(bytes[position])
            position += 1
        }
        guard position < bytes.count else { return nil }
        position += 1
        skipSpace()
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] == ASCII.space { position += 1 }
    }
}
