extension Bool: PostgresCodable {
    public static var postgresType: PostgresOID { .bool }
    public static var postgresArrayType: PostgresOID { .boolArray }

    public func encode(into buffer: inout [UInt8]) {
        buffer.append(self ? 1 : 0)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        guard type == .bool else { throw Self.mismatch(type) }
        self = try bytes.bigEndian(as: UInt8.self) != 0
    }
}
