public import Foundation

/// A place in a tenant's feed: everything up to `seq`. The time leads to its partition.
public struct FeedPosition: Hashable, Sendable {
    public let seq: Int64
    public let at: Date

    public init(seq: Int64, at: Date) {
        self.seq = seq
        self.at = at
    }
}
