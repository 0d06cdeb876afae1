extension Double: PostgresCodable {
    public static var postgresType: PostgresOID { .float8 }
    public static var postgresArrayType: PostgresOID { .float8Array }

    public func encode(into buffer: inout [UInt8]) {
        buffer.appendBigEndian(bitPattern)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        switch type {
        case .float8: self = try Double(bitPattern: bytes.bigEndian())
        case .float4: self = try Double(Float(bitPattern: bytes.bigEndian()))
        default: throw Self.mismatch(type)
        }
    }
}
