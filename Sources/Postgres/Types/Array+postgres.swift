extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public static var postgresType: PostgresOID { Element.postgresArrayType }

    public func encode(into buffer: inout [UInt8]) throws {
        try Element.encodeArray(self, into: &buffer)
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        self = try Element.decodeArray(bytes, type: type)
    }
}

/// Only byte strings may be elements in turn (`bytea[]`): nested arrays are not supported.
extension Array: PostgresArrayElement where Element == UInt8 {
    public static var postgresArrayType: PostgresOID { .byteaArray }
}

extension UInt8: PostgresArrayElement {
    public static var postgresArrayType: PostgresOID { .bytea }

    public static func encodeArray(_ values: [UInt8], into buffer: inout [UInt8]) {
        buffer.append(contentsOf: values)
    }

    public static func decodeArray(_ bytes: RawSpan, type: PostgresOID) throws -> [UInt8] {
        guard type == .bytea else { throw [UInt8].mismatch(type) }
        return bytes.copy
    }
}
