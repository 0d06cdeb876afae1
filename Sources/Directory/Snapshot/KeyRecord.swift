public import struct Foundation.UUID

/// A valid key as nodes keep it: whose it is, never the key.
public struct KeyRecord: Sendable {
    public enum Owner: Equatable, Sendable {
        case tenant(Int32)
        case admin
    }

    public let id: UUID
    public let owner: Owner
    /// What its maker called it.
    public var label = ""
    /// SHA-256 of the key.
    let hash: [UInt8]
}
