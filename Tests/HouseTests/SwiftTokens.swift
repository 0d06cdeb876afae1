/// One word or sign of Swift source, comments and the text of string literals left out.
struct SwiftToken: Equatable {
    var text: String
    var line: Int
    /// In bytes from the start of the source.
    var offset: Int

    /// Whether the other one follows with nothing between.
    func touches(_ next: Self) -> Bool { offset + text.utf8.count == next.offset }
}

/// A reader of Swift source that knows just enough to tell code from comments and strings. The code inside a string's
/// interpolations is code.
struct SwiftTokens {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var tokens: [SwiftToken] = []

    static func read(_ source: String) -> [SwiftToken] {
        var reader = Self(source)
        reader.readCode(untilParenthesis: false)
        return reader.tokens
    }

    private init(_ source: String) { bytes = Array(source.utf8) }

    private func peek(_ distance: Int = 0) -> UInt8? {
        position + distance < bytes.count ? bytes[position + distance] : nil
    }

    private func starts(with text: StaticString, at distance: Int = 0) -> Bool {
        "\(text)".utf8.enumerated().allSatisfy { peek(distance + $0.offset) == $0.element }
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }

    private mutating func readCode(untilParenthesis: Bool) {
        var depth = 0
        while let byte = peek() {
            if starts(with: "//") {
                while let next = peek(), next != UInt8(ascii: "\n") { advance() }
            } else if starts(with: "/*") {
                skipComment()
            } else if byte == UInt8(ascii: "\"") {
                skipString(hashes: 0)
            } else if byte == UInt8(ascii: "#"), let hashes = hashesBeforeQuote() {
                advance(hashes)
                skipString(hashes: hashes)
            } else if Self.isWord(byte) {
                readWord()
            } else {
                if untilParenthesis, byte == UInt8(ascii: ")") {
                    if depth == 0 { return advance() }
                    depth -= 1
                }
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte > 0x20 {
                    tokens.append(SwiftToken(text: String(UnicodeScalar(byte)), line: line, offset: position))
                }
                advance()
            }
        }
    }

    private mutating func readWord() {
        let start = position
        while let byte = peek(), Self.isWord(byte) { position += 1 }
        tokens.append(
            SwiftToken(text: String(decoding: bytes[start..<position], as: UTF8.self), line: line, offset: start)
        )
    }

    private mutating func skipComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                advance(2)
            } else if starts(with: "*/") {
                depth -= 1
                advance(2)
            } else {
                advance()
            }
        } while depth > 0 && position < bytes.count
    }

    private func hashesBeforeQuote() -> Int? {
        var count = 0
        while peek(count) == UInt8(ascii: "#") { count += 1 }
        return peek(count) == UInt8(ascii: "\"") ? count : nil
    }

    /// At the opening quote. `hashes` is how many `#` stand before it, and so after the closing quote and in an escape.
    private mutating func skipString(hashes: Int) {
        let isMultiline = starts(with: "\"\"\"")
        let quotes = isMultiline ? 3 : 1
        advance(quotes)
        while let byte = peek() {
            if byte == UInt8(ascii: "\\"), hasHashes(hashes, at: 1) {
                advance(1 + hashes)
                if peek() == UInt8(ascii: "(") {
                    advance()
                    readCode(untilParenthesis: true)
                } else {
                    advance()
                }
            } else if byte == UInt8(ascii: "\""), !isMultiline || starts(with: "\"\"\""), hasHashes(hashes, at: quotes)
            {
                return advance(quotes + hashes)
            } else {
                advance()
            }
        }
    }

    private func hasHashes(_ count: Int, at distance: Int) -> Bool {
        (0..<count).allSatisfy { peek(distance + $0) == UInt8(ascii: "#") }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"), 0x80...:
            true
        default: false
        }
    }
}
