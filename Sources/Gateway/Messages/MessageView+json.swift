import Directory
import FoundationEssentials
import Mail
import Outbox

extension MessageView {
    /// The message as `GET /messages/{id}` shows it.
    func json(directory: DirectorySnapshot) -> JSONValue {
        let summary = summary
        var members: [(String, JSONValue)] = [
            ("id", .string(id.description)),
            ("status", .string(summary.name ?? MessageStatus.unknown.rawValue)),
        ]
        if isTest { members.append(("test", .bool(true))) }
        if summary.isMixed || crowd != nil {
            let counts = MessageStatus.allCases.compactMap { status in
                summary.counts[status].map { (status.rawValue, JSONValue.number($0)) }
            }
            members.append(("counts", .object(counts)))
        }
        members += [
            ("region", .string(region)),
            ("stream", .string(stream)),
            ("from", .string(readableFrom)),
            ("subject", .string(subject)),
            ("tags", .verbatim(tags ?? "{}")),
            ("metadata", .verbatim(metadata ?? "{}")),
            ("created_at", .time(createdAt)),
            ("scheduled_at", .time(scheduledAt)),
            ("expires_at", .time(expiresAt)),
            ("recipients", .array(recipients.map(\.json))),
        ]
        members += [
            ("recipient_count", .number(crowd?.recipients ?? recipients.count)),
            ("has_more", .bool(crowd?.next != nil)),
        ]
        if let next = crowd?.next { members.append(("next", .string(next.description))) }
        if let waiting {
            members.append(("waiting", waiting.json(lane: directory.lane(laneID))))
        }
        return .object(members)
    }

    /// It is stored as the header has it, with encoded words.
    private var readableFrom: String { (try? EmailAddress(parsing: from))?.displayText ?? from }
}

extension MessageView.Recipient {
    fileprivate var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("email", .string(email)),
            ("kind", .string(kind.rawValue)),
            ("status", .string(status.rawValue)),
            ("attempts", .number(attempts)),
            ("ses_message_id", .string(sesMessageID)),
            ("last_event", .string(lastEvent?.rawValue)),
            ("updated_at", .time(updatedAt)),
        ]
        if let detail { members.append(("detail", .string(detail))) }
        if isFeedbackMissing { members.append(("feedback_missing", .bool(true))) }
        return .object(members)
    }
}

extension MessageView.Waiting {
    fileprivate func json(lane: Lane?) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if let lane { members.append(("lane", .string(lane.name))) }
        if let position { members.append(("position", .number(position))) }
        if let rate { members.append(("rate", .decimal((rate * 100).rounded() / 100))) }
        members.append(("blocker", .string(blocker.rawValue)))
        if let detail { members.append(("detail", .string(detail))) }
        if let until { members.append(("until", .time(until))) }
        if let eta { members.append(("eta", .time(eta))) }
        return .object(members)
    }
}

extension MessageEvent {
    /// The event as `GET /messages/{id}/events` shows it.
    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("id", .string(id)),
            ("type", .string(type.rawValue)),
            ("recipient", .string(recipient)),
            ("status", .string(status.rawValue)),
            ("timestamp", .time(at)),
        ]
        if let data { members.append(("data", .verbatim(data))) }
        return .object(members)
    }
}
