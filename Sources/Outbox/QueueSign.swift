public import Mail
public import Postgres

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
    /// An id below which none of the entries lies that came in; nil: not known.
    public let first: PostgresUUID?

    public init(laneID: Int32, priority: Priority, rows: Rows, first: PostgresUUID? = nil) {
        self.laneID = laneID
        self.priority = priority
        self.rows = rows
        self.first = first
    }

    /// The queues that messages went into at once.
    static func of(_ messages: [NewMessage]) -> [QueueSign] {
        var came: [QueueID: (recipients: Int, first: PostgresUUID)] = [:]
        for message in messages where message.scheduledAt == nil && !message.isTest {
            let recipients = message.entries.reduce(0) { $0 + $1.recipients }
            guard recipients > 0 else { continue }
            let queue = QueueID(laneID: message.laneID, priority: message.priority)
            let id = message.id.uuid
            let before = came[queue] ?? (0, id)
            came[queue] = (before.recipients + recipients, min(before.first, id))
        }
        return signs(came)
    }

    /// The queues that calls went back into.
    static func of(returned calls: [ClaimedCall]) -> [QueueSign] {
        var came: [QueueID: (recipients: Int, first: PostgresUUID)] = [:]
        for call in calls {
            let queue = QueueID(laneID: call.laneID, priority: call.priority)
            let id = call.entry.uuid
            let before = came[queue] ?? (0, id)
            came[queue] = (before.recipients + call.rows.count, min(before.first, id))
        }
        return signs(came)
    }

    private static func signs(_ came: [QueueID: (recipients: Int, first: PostgresUUID)]) -> [QueueSign] {
        came.map { QueueSign(laneID: $0.laneID, priority: $0.priority, rows: .more($1.recipients), first: $1.first) }
    }
}

private struct QueueID: Hashable {
    let laneID: Int32
    let priority: Priority
}
