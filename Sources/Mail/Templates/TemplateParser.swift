/// Builds the tree of one part of a template, or says where it is wrong. The depth of blocks is bounded.
struct TemplateParser {
    private static let maximumDepth = 32

    private struct Open {
        let block: TemplateBlock
        let path: TemplatePath
        let offset: Int
        /// Opened by `{{else if}}`, and closed with the block around it.
        let isChained: Bool
        var body: [TemplateNode] = []
        var otherwise: [TemplateNode]?

        var node: TemplateNode { .block(block, path, body: body, otherwise: otherwise ?? []) }

        mutating func append(_ node: TemplateNode) {
            if otherwise == nil { body.append(node) } else { otherwise?.append(node) }
        }
    }

    private let bytes: [UInt8]
    private var roots: [TemplateNode] = []
    private var open: [Open] = []

    static func parse(_ source: String) throws(TemplateError) -> [TemplateNode] {
        var parser = TemplateParser(bytes: Array(source.utf8))
        for token in TemplateSpacing.apply(to: try TemplateScanner.tokens(of: source)) { try parser.take(token) }
        guard let left = parser.open.last(where: { !$0.isChained }) else { return parser.roots }
        throw parser.fault("{{#\(left.block.rawValue)}} is not closed", at: left.offset)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func fault(_ message: String, at offset: Int) -> TemplateError {
        TemplateScanner.error(message, at: offset, in: bytes)
    }

    private mutating func append(_ node: TemplateNode) {
        if open.isEmpty { roots.append(node) } else { open[open.count - 1].append(node) }
    }

    private mutating func take(_ token: TemplateToken) throws(TemplateError) {
        switch token.kind {
        case .text: if !token.content.isEmpty { append(.text(String(token.content))) }
        case .comment: break
        case .open: try begin(token)
        case .close: try end(token)
        case .otherwise: try otherwise(token)
        case .value(let isRaw): try value(token, isRaw: isRaw)
        }
    }

    private mutating func value(_ token: TemplateToken, isRaw: Bool) throws(TemplateError) {
        let words = token.content.split(whereSeparator: \.isWhitespace)
        if let sign = token.content.first, ">^*".contains(sign) {
            throw fault(
                sign == ">" ? "there are no partials" : "'\(sign)' is not part of the language",
                at: token.offset
            )
        }
        guard words.count == 1, let word = words.first else {
            let message = words.isEmpty ? "the tag is empty" : "there are no helpers: a tag names one value"
            throw fault(message, at: token.offset)
        }
        append(.value(try path(word, at: token.offset), isRaw: isRaw))
    }

    private mutating func begin(_ token: TemplateToken) throws(TemplateError) {
        let words = token.content.split(whereSeparator: \.isWhitespace)
        guard let name = words.first, let block = TemplateBlock(rawValue: String(name)) else {
            throw fault("there is no block '\(words.first ?? "")'; there are if, unless and each", at: token.offset)
        }
        try begin(block, words: words.dropFirst(), at: token.offset, isChained: false)
    }

    private mutating func begin(
        _ block: TemplateBlock,
        words: ArraySlice<Substring>,
        at offset: Int,
        isChained: Bool
    ) throws(TemplateError) {
        guard words.count == 1, let word = words.first else {
            throw fault("'\(block.rawValue)' takes one value", at: offset)
        }
        guard open.count < Self.maximumDepth else { throw fault("blocks are nested too deeply", at: offset) }
        open.append(Open(block: block, path: try path(word, at: offset), offset: offset, isChained: isChained))
    }

    private mutating func otherwise(_ token: TemplateToken) throws(TemplateError) {
        let words = token.content.split(whereSeparator: \.isWhitespace).dropFirst()
        guard let last = open.last else { throw fault("{{else}} stands outside of a block", at: token.offset) }
        guard last.otherwise == nil else { throw fault("the block has an {{else}} already", at: token.offset) }
        open[open.count - 1].otherwise = []
        guard let name = words.first else { return }
        guard let block = TemplateBlock(rawValue: String(name)) else {
            throw fault("{{else}} is followed by if, unless, each or nothing", at: token.offset)
        }
        try begin(block, words: words.dropFirst(), at: token.offset, isChained: true)
    }

    private mutating func end(_ token: TemplateToken) throws(TemplateError) {
        while let last = open.popLast() {
            if last.isChained {
                append(last.node)
                continue
            }
            guard token.content == last.block.rawValue else {
                let message = "{{/\(token.content)}} cannot close {{#\(last.block.rawValue)}}"
                throw fault(message, at: token.offset)
            }
            return append(last.node)
        }
        throw fault("{{/\(token.content)}} closes nothing", at: token.offset)
    }

    private func path(_ word: Substring, at offset: Int) throws(TemplateError) -> TemplatePath {
        guard let path = TemplatePath(word) else {
            throw fault("'\(word.prefix(64))' names no value", at: offset)
        }
        return path
    }
}

extension TemplatePath {
    /// Reads `a.b`, `this`, `this.a`, `../a`, `@root.a`, `@index` and their like; nil for anything else.
    init?(_ text: Substring) {
        var rest = text
        switch rest {
        case "@index": self.init(start: .index, names: [])
        case "@key": self.init(start: .key, names: [])
        case "@first": self.init(start: .first, names: [])
        case "@last": self.init(start: .last, names: [])
        default:
            var start = Start.here(up: 0)
            if rest == "@root" || rest.hasPrefix("@root.") {
                start = .root
                rest = rest.dropFirst(6)
                guard !rest.isEmpty || text == "@root" else { return nil }
            } else {
                var up = 0
                while rest.hasPrefix("../") {
                    up += 1
                    rest = rest.dropFirst(3)
                }
                if rest.hasPrefix("./") { rest = rest.dropFirst(2) }
                start = .here(up: up)
                if rest == ".." {
                    start = .here(up: up + 1)
                    rest = ""
                } else if rest == "this" || rest == "." {
                    rest = ""
                } else if rest.hasPrefix("this.") {
                    rest = rest.dropFirst(5)
                    guard !rest.isEmpty else { return nil }
                } else if rest.isEmpty {
                    return nil
                }
            }
            let names = (rest.isEmpty ? [] : rest.split(separator: ".", omittingEmptySubsequences: false)).map { name in
                name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : name
            }
            guard names.allSatisfy(Self.isName) else { return nil }
            self.init(start: start, names: names.map(String.init))
        }
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { !" !\"#%&'()*+,./;<=>@[\\]^`{|}~".unicodeScalars.contains($0) }
    }
}
