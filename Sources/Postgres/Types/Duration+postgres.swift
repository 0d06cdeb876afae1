/// Sent as `interval`, in microseconds; finer fractions are cut off. Months have no fixed length, so an interval that
/// has some cannot be read; a day counts as 24 hours.
extension Duration: PostgresCodable {
    public static var postgresType: PostgresOID { .interval }
    public static var postgresArrayType: PostgresOID { .intervalArray }

    public func encode(into buffer: inout [UInt8]) throws {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, sumOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        guard !overflow, !sumOverflow else {
            throw PostgresError(.encoding, "a duration lies outside the range of interval")
        }
        buffer.appendBigEndian(sum)
        buffer.appendBigEndian(Int32(0))
        buffer.appendBigEndian(Int32(0))
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        guard type == .interval else { throw Self.mismatch(type) }
        let microseconds = try bytes.bigEndian(at: 0, as: Int64.self)
        let days = try bytes.bigEndian(at: 8, as: Int32.self)
        let months = try bytes.bigEndian(at: 12, as: Int32.self)
        guard months == 0 else { throw Self.unfit("it has months, which have no fixed length") }
        self = .microseconds(microseconds) + .seconds(Int64(days) * 86_400)
    }
}
