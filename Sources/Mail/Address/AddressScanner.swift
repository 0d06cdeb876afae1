/// Splits an address or a list of addresses into words, quoted strings, encoded words and specials (RFC 5322, section
/// 3.2).
///
/// Comments and white space are skipped; a piece remembers whether white space stood before it.
struct AddressScanner {
    struct Piece {
        enum Kind: Equatable { case atom, quoted, encoded, special }
        let kind: Kind
        /// What the piece means: unquoted, decoded.
        let text: String
        /// What was written, for everything that is no quoted string.
        let source: String
        let followsSpace: Bool

        func isSpecial(_ character: String) -> Bool {
            kind == .special && source == character
        }
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    /// Nil at the end.
    mutating func next() throws(AddressError) -> Piece? {
        let followsSpace = try skipSpaceAndComments()
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        if byte == UInt8(ascii: "\"") {
            let text = try quotedString()
            return Piece(kind: .quoted, text: text, source: "", followsSpace: followsSpace)
        }
        if let (word, end) = EncodedWord.decode(bytes, at: position) {
            let source = String(decoding: bytes[position..<end], as: UTF8.self)
            position = end
            return Piece(kind: .encoded, text: word, source: source, followsSpace: followsSpace)
        }
        let start = position
        while position < bytes.count, isWord(bytes[position]) { position += 1 }
        if position > start {
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            return Piece(kind: .atom, text: text, source: text, followsSpace: followsSpace)
        }
        guard ASCII.isPrintable(byte) else { throw Self.controlError }
        if byte == UInt8(ascii: ")") { throw AddressError(.syntax, "a parenthesis is closed that was never opened") }
        position += 1
        let text = String(Character(Unicode.Scalar(byte)))
        return Piece(kind: .special, text: text, source: text, followsSpace: followsSpace)
    }

    private static let controlError = AddressError(
        .controlCharacter,
        "the address holds a control character or a line break"
    )

    private func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || ASCII.isAtomText(byte)
    }

    /// True when there was white space.
    private mutating func skipSpaceAndComments() throws(AddressError) -> Bool {
        var sawSpace = false
        while position < bytes.count {
            if ASCII.isWhiteSpace(bytes[position]) {
                sawSpace = true
                position += 1
            } else if bytes[position] == UInt8(ascii: "(") {
                try skipComment()
            } else {
                break
            }
        }
        return sawSpace
    }

    private mutating func skipComment() throws(AddressError) {
        var depth = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\\"): position += 1
            case 0..<0x20 where byte != ASCII.tab: throw Self.controlError
            case 0x7F: throw Self.controlError
            default: break
            }
            if depth == 0 { return }
        }
        throw AddressError(.syntax, "a parenthesis is never closed")
    }

    private mutating func quotedString() throws(AddressError) -> String {
        var content: [UInt8] = []
        position += 1
        while position < bytes.count {
            var byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard position < bytes.count else { break }
                byte = bytes[position]
                position += 1
            }
            guard byte >= 0x20 && byte != 0x7F || byte == ASCII.tab else { throw Self.controlError }
            content.append(byte == ASCII.tab ? ASCII.space : byte)
        }
        throw AddressError(.syntax, "a quotation mark is never closed")
    }
}
