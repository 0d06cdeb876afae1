extension HeaderRules {
    /// SES v2: `MessageHeader` names have 1 to 126 characters, values 1 to 995, together 996.
    static let maximumNameLength = 126
    static let maximumSimpleLength = 996
    /// A field's unfolded value in a raw message: generous, but bounded.
    private static let maximumLength = 16_384
    /// What fits on one line behind the longest name, with room for the fold.
    private static let maximumWord = 860

    /// Everything that is wrong with one field of `headers`.
    static func problems(of field: HeaderField) -> [String] {
        var problems: [String] = []
        let name = field.name.utf8
        if name.isEmpty || name.count > maximumNameLength || !name.allSatisfy(ASCII.isHeaderName) {
            problems.append("a header name has 1 to 126 printable ASCII characters, no space and no colon")
        } else if let refusal = refusal(ofName: field.name.lowercased()) {
            problems.append(refusal)
        }
        if let problem = valueProblem(field) { problems.append(problem) }
        return problems
    }

    private static func valueProblem(_ field: HeaderField) -> String? {
        let value = field.value
        guard !value.unicodeScalars.contains(where: isForbidden) else {
            return "the value holds a line break or another control character"
        }
        guard value.utf8.contains(where: { $0 != ASCII.space }) else { return "the value is empty" }
        guard value.utf8.count <= maximumLength else { return "the value is longer than 16384 bytes" }
        guard isStructured(field.name.lowercased()) else { return nil }
        guard value.utf8.allSatisfy({ $0 < 0x80 }) else {
            return "the value of this header must be ASCII (URLs percent-encoded, domains in Punycode)"
        }
        guard value.utf8.split(separator: ASCII.space).allSatisfy({ $0.count <= maximumWord }) else {
            return "the value has more than 860 characters without a space, which does not fit on a line"
        }
        return nil
    }

    /// Control characters of ASCII and of C1, and the separators of Unicode that some software takes for line breaks.
    static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Whether SES takes the field in `Content.Simple.Headers`.
    static func fitsSimple(_ field: HeaderField) -> Bool {
        field.value.utf8.allSatisfy(ASCII.isPrintable) && field.value.utf8.count <= 995
            && field.name.utf8.count + field.value.utf8.count <= maximumSimpleLength
    }
}
