import HTTPTypes

/// The key of an `Authorization: Bearer KEY` header (RFC 6750, section 2.1).
enum BearerKey {
    /// Longer than any key, and short enough to be hashed for nothing.
    private static let maximumLength = 256

    static func find(in headers: HTTPFields) -> String? {
        guard let value = headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let key = parts[1].drop { $0 == " " }
        guard (1...maximumLength).contains(key.utf8.count) else { return nil }
        return String(key)
    }
}
