public import struct Foundation.UUID

/// The key with which others are made, changed, rotated or revoked. It gives out no more than it has, and nothing once it has ended.
public struct KeyMaker: Equatable, Sendable {
    public let id: UUID
    /// As the request that came with it was let in.
    public let grant: KeyGrant

    public init(id: UUID, grant: KeyGrant) {
        self.id = id
        self.grant = grant
    }
}
