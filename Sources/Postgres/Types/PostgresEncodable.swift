/// A value that can be bound to a statement, in the server's binary format.
///
/// A module with a type of its own conforms it by naming the column type and delegating to a type that conforms
/// already: a 16-byte identifier encodes as a ``PostgresUUID``.
public protocol PostgresEncodable: Sendable {
    /// The type that the server is told. It is explicit, so that no statement depends on type inference.
    static var postgresType: PostgresOID { get }

    /// Whether the value is sent as SQL `NULL`; then `encode(into:)` is not called.
    var isPostgresNull: Bool { get }

    /// Appends the value's binary form, without a length in front.
    func encode(into buffer: inout [UInt8]) throws
}

extension PostgresEncodable {
    public var isPostgresNull: Bool { false }
}

extension Array where Element == UInt8 {
    /// Appends an integer in network byte order.
    mutating func appendBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }
}
