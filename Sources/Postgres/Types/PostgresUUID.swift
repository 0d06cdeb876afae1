public import struct FoundationEssentials.UUID

/// A `uuid` as two halves, so that identifier types of other modules can encode through it without Foundation.
public struct PostgresUUID: Sendable, Hashable {
    /// The first eight bytes, most significant first.
    public var high: UInt64
    /// The last eight bytes, most significant first.
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// In the order of PostgreSQL's `uuid`.
extension PostgresUUID: Comparable {
    public static func < (left: PostgresUUID, right: PostgresUUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension PostgresUUID: PostgresCodable {
    public static var postgresType: PostgresOID { .uuid }
    public static var postgresArrayType: PostgresOID { .uuidArray }

    public func encode(into buffer: inout [UInt8]) {
        buffer.appendBigEndian(high)
        buffer.appendBigEndian(low)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        guard type == .uuid else { throw Self.mismatch(type) }
        try self.init(high: bytes.bigEndian(at: 0), low: bytes.bigEndian(at: 8))
    }
}

extension UUID: PostgresCodable {
    public static var postgresType: PostgresOID { .uuid }
    public static var postgresArrayType: PostgresOID { .uuidArray }

    public func encode(into buffer: inout [UInt8]) {
        let (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) = uuid
        buffer.append(contentsOf: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        guard type == .uuid else { throw Self.mismatch(type) }
        let halves = try PostgresUUID(postgres: bytes, type: type)
        func byte(_ index: Int) -> UInt8 {
            let half = index < 8 ? halves.high : halves.low
            return UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * (index % 8)))
        }
        self.init(
            uuid: (
                byte(0), byte(1), byte(2), byte(3), byte(4), byte(5), byte(6), byte(7),
                byte(8), byte(9), byte(10), byte(11), byte(12), byte(13), byte(14), byte(15)
            )
        )
    }
}
