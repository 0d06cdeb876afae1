/// The sections and keys of an AWS configuration file.
///
/// Comments begin with `#` or `;`. Indented lines hold nested settings (`s3 =`), of which the credential chain needs none.
/// A section that comes twice is one section; the later of two equal keys counts.
struct INIDocument {
    private(set) var sections: [String: [String: String]] = [:]

    init(parsing text: String) {
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line.trimmed
            guard let first = content.first, first != "#", first != ";" else { continue }
            if content.hasPrefix("[") {
                section = content.dropFirst().firstIndex(of: "]").map { Self.name(content[..<$0].dropFirst()) }
                if let section { sections[section, default: [:]].merge([:]) { $1 } }
            } else if let section, line.first?.isWhitespace == false {
                guard let separator = content.firstIndex(where: { $0 == "=" || $0 == ":" }) else { continue }
                let key = content[..<separator].trimmed.lowercased()
                sections[section]?[key] = String(content[content.index(after: separator)...].trimmed)
            }
        }
    }

    /// A section's name with white space made even and quotes removed: `profile  "my mail"` is `profile my mail`.
    private static func name(_ text: Substring) -> String {
        text.filter { $0 != "\"" && $0 != "'" }.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

extension Substring {
    /// Without white space at both ends.
    var trimmed: Substring {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return self[first...last]
    }
}
