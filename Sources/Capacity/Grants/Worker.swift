/// One life of a node that dispatches an account. A node that starts anew, or lost its lease, is another worker.
public struct Worker: Hashable, Comparable, Sendable {
    public let node: String
    public let epoch: Int64

    public init(node: String, epoch: Int64) {
        self.node = node
        self.epoch = epoch
    }

    public static func < (a: Worker, b: Worker) -> Bool { (a.node, a.epoch) < (b.node, b.epoch) }
}
