/// Cuts a template into texts and tags.
struct TemplateScanner {
    private let source: Substring
    private let bytes: [UInt8]
    private var position = 0
    private var tokens: [TemplateToken] = []

    static func tokens(of source: String) throws(TemplateError) -> [TemplateToken] {
        var scanner = TemplateScanner(source)
        try scanner.run()
        return scanner.tokens
    }

    private init(_ source: String) {
        self.source = source[...]
        bytes = Array(source.utf8)
    }

    /// An error at a place of a template.
    static func error(_ message: String, at offset: Int, in bytes: some Collection<UInt8>) -> TemplateError {
        var line = 1
        var column = 1
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return TemplateError(line: line, column: column, message: message)
    }

    private mutating func run() throws(TemplateError) {
        var start = 0
        while position < bytes.count {
            guard isAt("{{") else {
                position += 1
                continue
            }
            if position > start, bytes[position - 1] == UInt8(ascii: "\\") {
                // \{{ is what it says; \\{{ is a backslash before a tag.
                let isEscaped = position - 2 < start || bytes[position - 2] != UInt8(ascii: "\\")
                text(start, position - 1)
                if isEscaped {
                    start = position
                    position += 2
                    continue
                }
            } else {
                text(start, position)
            }
            try tag()
            start = position
        }
        text(start, bytes.count)
    }

    private func isAt(_ text: StaticString, _ offset: Int = 0) -> Bool {
        bytes[min(position + offset, bytes.count)...].starts(with: text.description.utf8)
    }

    private func slice(_ from: Int, _ to: Int) -> Substring {
        let utf8 = source.utf8
        return source[utf8.index(utf8.startIndex, offsetBy: from)..<utf8.index(utf8.startIndex, offsetBy: to)]
    }

    private mutating func text(_ from: Int, _ to: Int) {
        if from < to { tokens.append(TemplateToken(kind: .text, content: slice(from, to), offset: from)) }
    }

    private func fault(_ message: String, at offset: Int) -> TemplateError {
        Self.error(message, at: offset, in: bytes)
    }

    private mutating func tag() throws(TemplateError) {
        let offset = position
        position += 2
        let trimsBefore = take("~")
        var kind: TemplateToken.Kind
        var end: StaticString = "}}"
        if take("!--") {
            (kind, end) = (.comment, "--")
        } else if take("!") {
            kind = .comment
        } else if take("{") {
            (kind, end) = (.value(isRaw: true), "}")
        } else if take("&") {
            kind = .value(isRaw: true)
        } else if take("#") {
            kind = .open
        } else if take("/") {
            kind = .close
        } else {
            kind = .value(isRaw: false)
        }
        let start = position
        while position < bytes.count, !isAt(end) || !isEnd(after: end) { position += 1 }
        guard position < bytes.count else { throw fault("this tag does not end", at: offset) }
        var content = slice(start, position)
        var trimsAfter = false
        if end.description != "}}" {
            position += end.utf8CodeUnitCount
            trimsAfter = take("~")
        } else if content.last == "~" {
            content.removeLast()
            trimsAfter = true
        }
        position += 2
        content = Self.trimmed(content)
        if case .value(isRaw: false) = kind, content.prefix(while: { !$0.isWhitespace }) == "else" { kind = .otherwise }
        var token = TemplateToken(kind: kind, content: content, offset: offset)
        token.trimsBefore = trimsBefore
        token.trimsAfter = trimsAfter
        tokens.append(token)
    }

    /// The end of `{{{` and `{{!--` is followed by that of every tag.
    private func isEnd(after end: StaticString) -> Bool {
        let length = end.utf8CodeUnitCount
        return end.description == "}}" || isAt("}}", length) || isAt("~}}", length)
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard isAt(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
