public import Postgres

/// Where something sealed lies. What is sealed for one place cannot be opened at another.
public struct SealedPlace: Hashable, Sendable {
    /// What it is. The numbers are part of every tag and never change.
    public enum Kind: UInt8, Sendable {
        case body = 1
        case recipientData = 2
        case webhookSecret = 3
        case pseudonymKey = 4
    }

    let kind: Kind
    let tenantID: Int32
    let id: PostgresUUID

    /// - Parameter id: of the row. Of rows of one message, whose ids differ in the last 16 bits only, each has the key of the
    ///   message.
    public init(_ kind: Kind, tenantID: Int32, id: PostgresUUID) {
        self.kind = kind
        self.tenantID = tenantID
        self.id = id
    }

    /// For logs.
    var row: String { String(id.high, radix: 16) + "-" + String(id.low, radix: 16) }

    /// What tells its key from all others under a data key.
    var keyInfo: [UInt8] {
        var info = Array("sluice message key".utf8)
        Self.append(UInt64(UInt32(bitPattern: tenantID)), 4, to: &info)
        Self.append(id.high, 8, to: &info)
        Self.append(id.low & ~0xFFFF, 8, to: &info)
        return info
    }

    /// What the tag vouches for, besides the header.
    var bound: [UInt8] {
        var bound = [kind.rawValue]
        Self.append(UInt64(UInt32(bitPattern: tenantID)), 4, to: &bound)
        Self.append(id.high, 8, to: &bound)
        Self.append(id.low, 8, to: &bound)
        return bound
    }

    private static func append(_ number: UInt64, _ count: Int, to bytes: inout [UInt8]) {
        for index in (0..<count).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
    }
}
