extension Decoder {
    /// A keyed container whose object has no members but `Key`'s and those of `ignored`.
    ///
    /// A typo in a configuration key or a JSON member would otherwise be lost in silence.
    /// - Throws: `DecodingError.dataCorrupted` at the path of the unknown member, naming it and the known ones.
    public func strictContainer<Key: CodingKey & CaseIterable>(
        keyedBy type: Key.Type,
        ignoring ignored: Set<String> = []
    ) throws -> KeyedDecodingContainer<Key> {
        let known = Key.allCases.map(\.stringValue)
        for key in try container(keyedBy: MemberName.self).allKeys
        where !known.contains(key.stringValue) && !ignored.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: codingPath + [key],
                    debugDescription:
                        "unknown member \(DecodingFault.quoted(key.stringValue)); known are \(known.joined(separator: ", "))"
                )
            )
        }
        return try container(keyedBy: type)
    }
}

/// Any member name, for objects whose names are data and for looking at unknown ones.
public struct MemberName: CodingKey {
    public let stringValue: String
    public let intValue: Int?

    public init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    public init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}
