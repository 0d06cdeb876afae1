public import Mail

/// A sign that a queue has rows to send: a hint for the dispatcher, never a promise.
public struct QueueSign: Hashable, Sendable {
    /// How many recipients the sign is about.
    public enum Rows: Hashable, Sendable {
        /// These came into the queue.
        case more(Int)
        /// These are in it.
        case all(Int)
        /// More are in it than were counted.
        case many
    }

    public let laneID: Int32
    public let priority: Priority
    public let rows: Rows

    public init(laneID: Int32, priority: Priority, rows: Rows) {
        self.laneID = laneID
        self.priority = priority
        self.rows = rows
    }

    /// The queues that messages went into at once.
    static func of(_ messages: [NewMessage]) -> [QueueSign] {
        var counts: [QueueID: Int] = [:]
        for message in messages where message.scheduledAt == nil {
            let recipients = message.entries.reduce(0) { $0 + $1.recipients }
            guard recipients > 0 else { continue }
            counts[QueueID(laneID: message.laneID, priority: message.priority), default: 0] += recipients
        }
        return counts.map { QueueSign(laneID: $0.laneID, priority: $0.priority, rows: .more($1)) }
    }
}

private struct QueueID: Hashable {
    let laneID: Int32
    let priority: Priority
}
