/// Makes words from elsewhere fit for logs and for tenants.
enum FailureText {
    private static let limit = 500

    /// `text` on one line, at most 500 characters, with the local parts of addresses left out.
    static func clean(_ text: String) -> String {
        let words = text.split {
            $0.isWhitespace || $0.unicodeScalars.allSatisfy { $0.value < 0x20 || $0.value == 0x7f }
        }
        let line = words.map(masked).joined(separator: " ")
        return line.count > limit ? line.prefix(limit - 1) + "…" : line
    }

    /// `a.b@example.com` becomes `*@example.com`.
    private static func masked(_ word: Substring) -> String {
        let parts = word.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return String(word) }
        return parts.enumerated().map { index, part in
            guard index < parts.count - 1 else { return String(part) }
            // What can be no part of an address, such as a bracket, a quotation mark or a comma before it, stays.
            let local = part.lastIndex { "<>()[],;:\"'`".contains($0) }.map { part[part.index(after: $0)...] } ?? part
            return part[..<local.startIndex] + (local.isEmpty ? "" : "*")
        }.joined(separator: "@")
    }
}
