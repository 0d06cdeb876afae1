extension KeyedDecodingContainer {
    /// A whole number, which `30.0` is too and `0.5` is not.
    func decodeWhole(forKey key: Key) throws -> Int {
        do {
            return try decode(Int.self, forKey: key)
        } catch let error as DecodingError {
            throw error
        } catch {
            // JSONDecoder's error for a number that is no Int is none of DecodingError's and names no place.
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "must be a whole number"
            )
        }
    }

    /// A whole number, or nil for null and a missing member.
    func decodeWholeIfPresent(forKey key: Key) throws -> Int? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        return try decodeWhole(forKey: key)
    }

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
