public import Mail

/// A sign that a queue has rows to send: a hint for the dispatcher, never a promise.
public struct QueueSign: Hashable, Sendable {
    public let laneID: Int32
    public let priority: Priority

    public init(laneID: Int32, priority: Priority) {
        self.laneID = laneID
        self.priority = priority
    }

    /// The queues that messages went into at once.
    static func of(_ messages: [NewMessage]) -> [QueueSign] {
        Array(
            Set(
                messages.lazy.filter { $0.scheduledAt == nil }
                    .map { QueueSign(laneID: $0.laneID, priority: $0.priority) }
            )
        )
    }
}
