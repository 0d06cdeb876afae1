/// Takes away the space that belongs to tags and not to the message: beside a tilde, and the lines on which a block's tag or a
/// comment stands alone.
enum TemplateSpacing {
    static func apply(to tokens: [TemplateToken]) -> [TemplateToken] {
        var result = tokens
        for (index, token) in tokens.enumerated() where !token.isText {
            let isAlone =
                token.canStandAlone && endsItsLine(tokens, before: index) && beginsItsLine(tokens, after: index)
            if index > 0, tokens[index - 1].isText {
                if token.trimsBefore {
                    result[index - 1].content.trimEnd(while: \.isWhitespace)
                } else if isAlone {
                    result[index - 1].content.trimEnd { $0 == " " || $0 == "\t" }
                }
            }
            if index + 1 < tokens.count, tokens[index + 1].isText {
                if token.trimsAfter {
                    result[index + 1].content = result[index + 1].content.drop(while: \.isWhitespace)
                } else if isAlone {
                    var rest = result[index + 1].content.drop { $0 == " " || $0 == "\t" }
                    if rest.first?.isLineEnd == true { rest.removeFirst() }
                    result[index + 1].content = rest
                }
            }
        }
        return result
    }

    /// Only space stands before it on its line.
    private static func endsItsLine(_ tokens: [TemplateToken], before index: Int) -> Bool {
        guard index > 0 else { return true }
        guard tokens[index - 1].isText else { return false }
        for character in tokens[index - 1].content.reversed() {
            if character.isLineEnd { return true }
            if !character.isWhitespace { return false }
        }
        return index == 1
    }

    private static func beginsItsLine(_ tokens: [TemplateToken], after index: Int) -> Bool {
        guard index + 1 < tokens.count else { return true }
        guard tokens[index + 1].isText else { return false }
        for character in tokens[index + 1].content {
            if character.isLineEnd { return true }
            if !character.isWhitespace { return false }
        }
        return index + 2 == tokens.count
    }
}

extension Character {
    fileprivate var isLineEnd: Bool { self == "\n" || self == "\r\n" }
}

extension Substring {
    fileprivate mutating func trimEnd(while isSpace: (Character) -> Bool) {
        while let last, isSpace(last) { removeLast() }
    }
}
