/// A value whose Swift arrays map to a column type: one-dimensional arrays for most, `bytea` for `UInt8`.
///
/// A type that is both ``PostgresEncodable`` and ``PostgresDecodable`` need only name its array type.
public protocol PostgresArrayElement: Sendable {
    /// The type of `[Self]`.
    static var postgresArrayType: PostgresOID { get }

    /// Appends the binary form of an array of the type.
    static func encodeArray(_ values: [Self], into buffer: inout [UInt8]) throws

    /// Reads an array of the type.
    static func decodeArray(_ bytes: RawSpan, type: PostgresOID) throws -> [Self]
}

/// What a scalar column type needs to be bound, read, and used in arrays.
public typealias PostgresCodable = PostgresEncodable & PostgresDecodable & PostgresArrayElement

extension PostgresArrayElement where Self: PostgresEncodable {
    /// Layout (`array_send` in the server's arrayfuncs.c): dimensions, whether there are NULLs, element type, then
    /// length and lower bound of each dimension, then each element behind its length, -1 for NULL.
    public static func encodeArray(_ values: [Self], into buffer: inout [UInt8]) throws {
        guard values.count <= Int32.max else {
            throw PostgresError(.encoding, "an array of \(values.count) elements is too long")
        }
        buffer.appendBigEndian(Int32(values.isEmpty ? 0 : 1))
        buffer.appendBigEndian(Int32(values.contains(where: \.isPostgresNull) ? 1 : 0))
        buffer.appendBigEndian(postgresType.rawValue)
        if values.isEmpty { return }
        buffer.appendBigEndian(Int32(values.count))
        buffer.appendBigEndian(Int32(1))
        for value in values {
            try buffer.appendLengthPrefixed(value)
        }
    }
}

extension PostgresArrayElement where Self: PostgresDecodable {
    public static func decodeArray(_ bytes: RawSpan, type: PostgresOID) throws -> [Self] {
        let dimensions = try bytes.bigEndian(at: 0, as: Int32.self)
        let elementType = try PostgresOID(rawValue: bytes.bigEndian(at: 8))
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw [Self].unfit("it has \(dimensions) dimensions") }
        let count = try Int(bytes.bigEndian(at: 12, as: Int32.self))
        // Each element takes at least its length, so a count that lies cannot make us reserve much.
        guard count >= 0, count <= bytes.byteCount / 4 else { throw [Self].unfit("its length is wrong") }
        var values: [Self] = []
        values.reserveCapacity(count)
        var offset = 20
        for _ in 0..<count {
            let length = try Int(bytes.bigEndian(at: offset, as: Int32.self))
            offset += 4
            if length < 0 {
                guard let null = Self.postgresNull else { throw [Self].unfit("an element is NULL") }
                values.append(null)
                continue
            }
            guard length <= bytes.byteCount - offset else { throw [Self].unfit("it ends early") }
            values.append(try Self(postgres: bytes.extracting(offset..<offset + length), type: elementType))
            offset += length
        }
        return values
    }
}

extension Array where Element == UInt8 {
    /// Appends a value behind its length in bytes, or the length -1 for NULL.
    mutating func appendLengthPrefixed(_ value: some PostgresEncodable) throws {
        if value.isPostgresNull {
            appendBigEndian(Int32(-1))
            return
        }
        let start = count
        appendBigEndian(Int32(0))
        try value.encode(into: &self)
        let length = count - start - 4
        guard let size = Int32(exactly: length) else {
            throw PostgresError(.encoding, "a value of \(length) bytes is too long")
        }
        for index in 0..<4 {
            self[start + index] = UInt8(truncatingIfNeeded: size >> Int32(24 - 8 * index))
        }
    }
}
