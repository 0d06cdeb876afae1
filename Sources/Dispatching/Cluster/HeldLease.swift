public import Capacity
public import Outbound

/// A lease that this node holds: one life of the node, with the instant up to which it may put bytes on the wire.
public struct HeldLease: Sendable {
    public let life: Worker
    /// The database's timeline in this life. A life never goes on on another one, which may lack what it was granted.
    let timeline: TimelineSight
    public let deadline: SendDeadline

    /// Whether a send may start now.
    public var isTrusted: Bool { !deadline.hasPassed() }
}
