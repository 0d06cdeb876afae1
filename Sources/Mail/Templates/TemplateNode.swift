/// A piece of a parsed template.
indirect enum TemplateNode: Hashable, Sendable {
    case text(String)
    case value(TemplatePath, isRaw: Bool)
    case block(TemplateBlock, TemplatePath, body: [TemplateNode], otherwise: [TemplateNode])
}

/// The blocks that the language has.
enum TemplateBlock: String, CaseIterable, Sendable {
    case ifTrue = "if"
    case unless
    case each
}

/// What a tag names: a way from some value to one of its parts.
struct TemplatePath: Hashable, Sendable {
    enum Start: Hashable, Sendable {
        /// The value of the innermost `{{#each}}`, or of one so many further out.
        case here(up: Int)
        case root
        /// What `{{#each}}` knows of its turn.
        case index, key, first, last
    }

    var start: Start
    var names: [String]
}
