public import Mail
import Postgres

/// What a queue entry names: one recipient's row, or a whole message whose recipients go in one call.
public enum EntryID: Hashable, Comparable, Sendable {
    case row(OutboxID)
    case message(MessageID)

    /// The message in either case.
    public var message: MessageID {
        switch self {
        case .row(let id): id.message
        case .message(let id): id
        }
    }

    /// The id as it goes into tags and logs.
    public var text: String {
        switch self {
        case .row(let id): id.description
        case .message(let id): id.description
        }
    }

    public static func < (left: EntryID, right: EntryID) -> Bool {
        left.uuid < right.uuid
    }

    var uuid: PostgresUUID {
        switch self {
        case .row(let id): id.uuid
        case .message(let id): id.uuid
        }
    }

    /// The last row that it names, as `last_of` of the tables.
    var lastRow: PostgresUUID {
        switch self {
        case .row(let id): id.uuid
        case .message(let id): PostgresUUID(high: id.high, low: id.low | 0xFFFF)
        }
    }

    init?(_ uuid: PostgresUUID) {
        if let id = OutboxID(high: uuid.high, low: uuid.low) {
            self = .row(id)
        } else if let id = MessageID(high: uuid.high, low: uuid.low) {
            self = .message(id)
        } else {
            return nil
        }
    }
}

extension OutboxID {
    var uuid: PostgresUUID { PostgresUUID(high: high, low: low) }
}

extension MessageID {
    var uuid: PostgresUUID { PostgresUUID(high: high, low: low) }
}
