/// A template cut into texts and tags, before anything is known of blocks.
struct TemplateToken {
    enum Kind {
        case text
        case value(isRaw: Bool)
        case comment
        case open
        case close
        case otherwise
    }

    let kind: Kind
    /// The text, or what stands between the braces without its sign.
    var content: Substring
    /// Where it begins, as an offset of the template's UTF-8.
    let offset: Int
    /// Tags with a tilde take the space on that side with them.
    var trimsBefore = false
    var trimsAfter = false

    /// Blocks and comments that stand alone on their lines leave none behind.
    var canStandAlone: Bool {
        switch kind {
        case .text, .value: false
        case .comment, .open, .close, .otherwise: true
        }
    }

    var isText: Bool { if case .text = kind { true } else { false } }
}
