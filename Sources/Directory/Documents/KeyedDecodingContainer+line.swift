extension KeyedDecodingContainer {
    /// One line of text that PostgreSQL can keep, or nil for null and a missing member.
    func decodeLine(forKey key: Key) throws -> String? {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard (1...1024).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "must be 1 to 1024 bytes without control characters"
            )
        }
        return text
    }
}
