public import Outbound

/// One life of a node: from taking a lease to losing or releasing it.
public struct NodeLife: Hashable, Sendable {
    public let node: String
    public let epoch: Int64
}

/// A lease that this node holds, with the instant up to which it may put bytes on the wire.
public struct HeldLease: Sendable {
    public let life: NodeLife
    public let deadline: SendDeadline

    /// Whether a send may start now.
    public var isTrusted: Bool { !deadline.hasPassed() }
}
