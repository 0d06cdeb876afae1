extension KeyedDecodingContainer {
    /// A whole number, which `30.0` is too and `0.5` is not.
    public func decodeWhole(forKey key: Key) throws -> Int {
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
    public func decodeWholeIfPresent(forKey key: Key) throws -> Int? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        return try decodeWhole(forKey: key)
    }
}
