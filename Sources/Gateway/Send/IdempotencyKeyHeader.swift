import HTTPTypes

/// The header `Idempotency-Key`: a string of RFC 8941 (section 3.3.3), or the bare characters.
enum IdempotencyKeyHeader {
    private static let name = HTTPField.Name("Idempotency-Key")
    private static let maximumLength = 256

    /// The key; nil when there is none.
    static func read(_ headers: HTTPFields) throws(Problem) -> String? {
        guard let name, headers.contains(name) else { return nil }
        let values = headers[values: name]
        guard values.count == 1, let key = parse(values[0]), (1...maximumLength).contains(key.utf8.count) else {
            throw Problem(
                .invalidRequest,
                "Idempotency-Key must be given once, as 1 to \(maximumLength) visible ASCII characters, in quotes or bare"
            )
        }
        return key
    }

    private static func parse(_ value: String) -> String? {
        guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        guard value.hasPrefix("\"") else { return value }
        guard value.count > 1, value.hasSuffix("\"") else { return nil }
        var key = ""
        var rest = value.dropFirst().dropLast()
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                guard let escaped = rest.popFirst(), escaped == "\\" || escaped == "\"" else { return nil }
                key.append(escaped)
            case "\"": return nil
            default: key.append(character)
            }
        }
        return key
    }
}
