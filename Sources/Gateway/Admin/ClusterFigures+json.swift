import Directory
import FoundationEssentials
import Outbox

extension LoanEntry {
    var json: JSONValue {
        .object([
            ("id", .number(id)),
            ("lender", .string(lender)),
            ("borrower", .string(borrower)),
            ("credits", .number(credits)),
            ("from", .time(from)),
            ("to", .time(to)),
        ])
    }
}

extension NodeFigures {
    /// A node's life: its name may have another one that has not ended yet.
    var id: String { "\(name):\(epoch)" }

    var json: JSONValue {
        .object([
            ("id", .string(id)),
            ("name", .string(name)),
            ("epoch", .number(epoch)),
            ("roles", .array(roles.map(JSONValue.string))),
            ("started_at", .time(startedAt)),
            ("work", .array(work.map(\.json))),
        ])
    }
}

extension NodeFigures.Work {
    fileprivate var json: JSONValue {
        .object([
            ("account", .string(account)),
            ("leader", .bool(isLeader)),
            ("draining", .bool(isDraining)),
            ("parked", .string(parked)),
            ("granted", .number(granted)),
            ("shares", .array(shares.map(JSONValue.string))),
        ])
    }
}

extension QueueDepth {
    /// - Parameter lane: nil for a lane whose account was removed.
    func json(lane: Lane?, now: Date) -> JSONValue {
        .object([
            ("id", .number(Int(laneID))),
            ("lane", .string(lane?.name)),
            ("retired", .bool(lane?.isRetired ?? true)),
            ("ready", .number(ready)),
            ("deferred", .number(deferred)),
            ("oldest_at", .time(oldestAt)),
            ("oldest_age", oldestAt.map { .number(max(0, Int(now.timeIntervalSince($0)))) } ?? .null),
        ])
    }
}

extension AuditEntry {
    var json: JSONValue {
        .object([
            ("id", .number(id)),
            ("at", .time(at)),
            ("actor", .string(actor)),
            ("action", .string(action)),
            ("object", .string(object)),
            ("detail", .verbatim(detail)),
            ("before", before.map(JSONValue.verbatim) ?? .null),
            ("after", after.map(JSONValue.verbatim) ?? .null),
            ("request_id", .string(requestID)),
        ])
    }
}

extension StorageFinding {
    var json: JSONValue {
        .object([
            ("check", .string(check.rawValue)),
            ("level", .string(level.rawValue)),
            ("object", .string(object)),
            ("detail", .string(detail)),
        ])
    }
}
