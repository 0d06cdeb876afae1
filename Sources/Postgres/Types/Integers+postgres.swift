extension Int16: PostgresCodable {
    public static var postgresType: PostgresOID { .int2 }
    public static var postgresArrayType: PostgresOID { .int2Array }

    public func encode(into buffer: inout [UInt8]) {
        buffer.appendBigEndian(self)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        self = try bytes.integer(of: type, as: Self.self)
    }
}

extension Int32: PostgresCodable {
    public static var postgresType: PostgresOID { .int4 }
    public static var postgresArrayType: PostgresOID { .int4Array }

    public func encode(into buffer: inout [UInt8]) {
        buffer.appendBigEndian(self)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        self = try bytes.integer(of: type, as: Self.self)
    }
}

extension Int64: PostgresCodable {
    public static var postgresType: PostgresOID { .int8 }
    public static var postgresArrayType: PostgresOID { .int8Array }

    public func encode(into buffer: inout [UInt8]) {
        buffer.appendBigEndian(self)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        self = try bytes.integer(of: type, as: Self.self)
    }
}

/// Sent as `int8`, whatever the platform.
extension Int: PostgresCodable {
    public static var postgresType: PostgresOID { .int8 }
    public static var postgresArrayType: PostgresOID { .int8Array }

    public func encode(into buffer: inout [UInt8]) {
        buffer.appendBigEndian(Int64(self))
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        self = try bytes.integer(of: type, as: Self.self)
    }
}

extension RawSpan {
    /// Reads an integer column into a type at least as wide. A narrower type is a mismatch whatever the value, so that
    /// the error comes with the first row and not with the first large one.
    fileprivate func integer<Value: FixedWidthInteger & BitwiseCopyable & PostgresDecodable>(
        of type: PostgresOID,
        as _: Value.Type
    ) throws -> Value {
        switch type {
        case .int2:
            return try Value(truncatingIfNeeded: bigEndian(as: Int16.self))
        case .int4 where Value.bitWidth >= 32:
            return try Value(truncatingIfNeeded: bigEndian(as: Int32.self))
        case .oid where Value.bitWidth >= 64:
            return try Value(truncatingIfNeeded: bigEndian(as: UInt32.self))
        case .int8 where Value.bitWidth >= 64:
            return try Value(truncatingIfNeeded: bigEndian(as: Int64.self))
        default:
            throw Value.mismatch(type)
        }
    }
}
