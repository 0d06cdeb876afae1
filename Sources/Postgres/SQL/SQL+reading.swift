extension SQL {
    /// Words by which a statement writes, or takes locks that are written.
    private static let writingWords: Set<Substring> = [
        "insert", "update", "delete", "merge", "truncate", "call", "nextval", "setval", "pg_notify", "into",
    ]
    private static let readingWords: Set<Substring> = ["select", "with", "values", "show", "table", "explain"]

    /// Whether the statement is certain to leave nothing to commit, as far as its words tell; a function of the schema
    /// that writes would have to be called otherwise than by `SELECT`.
    var onlyReads: Bool { Self.onlyReads(text) }

    static func onlyReads(_ text: String) -> Bool {
        let words = text.lowercased().split { !($0.isLetter || $0 == "_") }
        guard let first = words.first else { return true }
        let locks = zip(words, words.dropFirst()).contains { $1 == "share" && ($0 == "for" || $0 == "key") }
        return readingWords.contains(first) && !words.contains(where: writingWords.contains) && !locks
    }
}
