import FoundationEssentials
import Mail
import Outbox

extension ListedMessage {
    /// The message as `GET /messages` shows it.
    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("id", .string(id.description)),
            ("status", .string(summary.name ?? MessageStatus.unknown.rawValue)),
        ]
        if summary.isMixed {
            let counts = MessageStatus.allCases.compactMap { status in
                summary.counts[status].map { (status.rawValue, JSONValue.number($0)) }
            }
            members.append(("counts", .object(counts)))
        }
        members += [
            ("region", .string(region)),
            ("stream", .string(stream)),
            ("from", .string((try? EmailAddress(parsing: from))?.displayText ?? from)),
            ("to", .array(to.map(JSONValue.string))),
            ("recipient_count", .number(recipients)),
            ("subject", .string(subject)),
            ("tags", .verbatim(tags ?? "{}")),
            ("metadata", .verbatim(metadata ?? "{}")),
            ("created_at", .time(createdAt)),
            ("scheduled_at", .time(scheduledAt)),
            ("expires_at", .time(expiresAt)),
        ]
        if isTest { members.append(("test", .bool(true))) }
        return .object(members)
    }
}

extension ListedRecipient {
    /// The recipient as `GET /recipients` shows it.
    var json: JSONValue {
        .object([
            ("id", .string(id.description)),
            ("message_id", .string(id.message.description)),
            ("email", .string(email)),
            ("kind", .string(kind.rawValue)),
            ("status", .string(status.rawValue)),
            ("reason", .string(reason)),
            ("last_event", .string(lastEvent?.rawValue)),
            ("details", .verbatim(details ?? "{}")),
            ("attempts", .number(attempts)),
            ("ses_message_id", .string(sesMessageID)),
            ("region", .string(region)),
            ("stream", .string(stream)),
            ("created_at", .time(createdAt)),
            ("updated_at", .time(updatedAt)),
        ])
    }
}
