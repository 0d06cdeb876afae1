/// Text of strangers on its way into a table or a webhook.
enum EventText {
    /// One line of at most `limit` bytes, cut between characters. Control characters become spaces: the database takes no
    /// NUL, and nobody wants the others.
    static func clean(_ text: String, limit: Int) -> String {
        var clean = String.UnicodeScalarView()
        var bytes = 0
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            let size = isControl ? 1 : UTF8.width(scalar)
            guard bytes + size <= limit else { break }
            clean.append(isControl ? " " : scalar)
            bytes += size
        }
        return String(clean)
    }

    /// Whether it can be an id of SES's: printable ASCII, not longer than a tag.
    static func isIdentifier(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
