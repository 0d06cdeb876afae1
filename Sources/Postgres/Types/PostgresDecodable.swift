/// A value that can be read from a column, in the server's binary format.
public protocol PostgresDecodable {
    /// What SQL `NULL` becomes; `nil` (the default) means that the type has no such value.
    static var postgresNull: Self? { get }

    /// Reads a value of the given column type.
    /// - Throws: ``PostgresError`` of code `.decoding` when the type is another or the value does not fit; the row
    ///   adds the column's name.
    init(postgres bytes: RawSpan, type: PostgresOID) throws
}

extension PostgresDecodable {
    public static var postgresNull: Self? { nil }

    /// Reads a value from bytes that lie in an array.
    init(postgres bytes: [UInt8], type: PostgresOID) throws {
        // Safe: the span is used within the closure only.
        self = try unsafe bytes.withUnsafeBytes { try unsafe Self(postgres: $0.bytes, type: type) }
    }

    /// The error for a column of a type that `Self` cannot be read from.
    public static func mismatch(_ type: PostgresOID, file: String = #fileID, line: Int = #line) -> PostgresError {
        PostgresError(.decoding, "a column of type \(type) cannot be read as \(Self.self)", file: file, line: line)
    }

    /// The error for a value of the right type that `Self` cannot hold.
    public static func unfit(_ reason: String, file: String = #fileID, line: Int = #line) -> PostgresError {
        PostgresError(.decoding, "a value cannot be read as \(Self.self): \(reason)", file: file, line: line)
    }
}

extension RawSpan {
    /// Reads an integer in network byte order; throws when the bytes end before it does.
    func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int = 0, as type: Value.Type = Value.self)
        throws -> Value
    {
        let size = Value.bitWidth / 8
        guard offset >= 0, offset <= byteCount - size else {
            throw PostgresError(.decoding, "a value of \(byteCount) bytes is too short")
        }
        // Safe: the bytes lie within the span, and every bit pattern is an integer.
        return unsafe Value(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// A copy of the bytes.
    var copy: [UInt8] {
        // Safe: the pointer is used within the closure only, and UInt8 has no alignment or invalid patterns.
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
