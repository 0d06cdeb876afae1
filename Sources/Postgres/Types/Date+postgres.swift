public import struct FoundationEssentials.Date

/// Sent as `timestamptz`: microseconds since 2000-01-01 00:00 UTC. Finer fractions are rounded.
extension Date: PostgresCodable {
    public static var postgresType: PostgresOID { .timestamptz }
    public static var postgresArrayType: PostgresOID { .timestamptzArray }

    /// From the server's epoch to Foundation's reference date, 2001-01-01: 366 days.
    private static let epochOffset: Int64 = 366 * 86_400 * 1_000_000

    /// The server's range: 4713 BC up to, not including, 294277 AD (`MIN_TIMESTAMP`, `END_TIMESTAMP` in its
    /// timestamp.h).
    private static let range: Range<Int64> = -211_813_488_000_000_000..<9_223_371_331_200_000_000

    public func encode(into buffer: inout [UInt8]) throws {
        let seconds = timeIntervalSinceReferenceDate.rounded(.down)
        guard let whole = Int64(exactly: seconds) else {
            throw PostgresError(.encoding, "a date that is not finite cannot be sent")
        }
        let fraction = Int64(((timeIntervalSinceReferenceDate - seconds) * 1_000_000).rounded())
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: 1_000_000)
        let (sum, sumOverflow) = scaled.addingReportingOverflow(Self.epochOffset + fraction)
        guard !overflow, !sumOverflow, Self.range.contains(sum) else {
            throw PostgresError(.encoding, "a date lies outside the range of timestamptz")
        }
        buffer.appendBigEndian(sum)
    }

    public init(postgres bytes: RawSpan, type: PostgresOID) throws {
        guard type == .timestamptz else { throw Self.mismatch(type) }
        let microseconds = try bytes.bigEndian(as: Int64.self)
        guard microseconds != .max, microseconds != .min else { throw Self.unfit("it is infinite") }
        let sinceReference = microseconds - Self.epochOffset
        let (seconds, fraction) = sinceReference.quotientAndRemainder(dividingBy: 1_000_000)
        self.init(timeIntervalSinceReferenceDate: Double(seconds) + Double(fraction) / 1_000_000)
    }
}
