import Dashboard

/// The little of Markdown that descriptions use: paragraphs, lists with `- `, `code` and [links](/docs).
enum Prose {
    static func html(_ text: String) -> HTML {
        var html: HTML = ""
        var paragraph: [Substring] = []
        var items: [String] = []
        func flush() {
            if !paragraph.isEmpty { html += "<p>\(line(paragraph.joined(separator: " ")))</p>" }
            if !items.isEmpty { html += "<ul>\(items.map { "<li>\(line($0))</li>" as HTML })</ul>" }
            paragraph = []
            items = []
        }
        for row in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if row.isEmpty {
                flush()
            } else if row.hasPrefix("- ") {
                if !paragraph.isEmpty { flush() }
                items.append(String(row.dropFirst(2)))
            } else if row.hasPrefix("  "), let last = items.popLast() {
                items.append("\(last) \(row.drop { $0 == " " })")
            } else {
                if !items.isEmpty { flush() }
                paragraph.append(row)
            }
        }
        flush()
        return html
    }

    /// One paragraph's inside.
    static func line(_ text: String) -> HTML {
        var html: HTML = ""
        var rest = text[...]
        while let mark = rest.firstIndex(where: { $0 == "`" || $0 == "[" }) {
            html += "\(String(rest[..<mark]))"
            let tail = rest[rest.index(after: mark)...]
            if rest[mark] == "`", let end = tail.firstIndex(of: "`") {
                html += "<code>\(String(tail[..<end]))</code>"
                rest = tail[tail.index(after: end)...]
            } else if rest[mark] == "[", let found = link(tail) {
                html += "<a href=\"\(found.target)\">\(found.words)</a>"
                rest = found.rest
            } else {
                html += "\(String(rest[mark]))"
                rest = tail
            }
        }
        html += "\(String(rest))"
        return html
    }

    /// What follows an opening bracket, if it is a link: to a page of ours, or to another host over HTTPS.
    private static func link(_ tail: Substring) -> (words: String, target: String, rest: Substring)? {
        guard let middle = tail.firstRange(of: "]("),
            let end = tail[middle.upperBound...].firstIndex(of: ")")
        else { return nil }
        let target = tail[middle.upperBound..<end]
        guard target.hasPrefix("/") || target.hasPrefix("#") || target.hasPrefix("https://") else { return nil }
        return (String(tail[..<middle.lowerBound]), String(target), tail[tail.index(after: end)...])
    }
}
