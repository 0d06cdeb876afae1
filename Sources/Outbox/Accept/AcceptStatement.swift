import Foundation
import Mail
import Postgres
import Telemetry

/// The statements that put a batch of messages into the outbox: one pipeline, one transaction, one round trip.
struct AcceptStatement {
    let statements: [SQL]

    init(_ messages: [NewMessage]) {
        var statements = [Self.messages(messages), Self.bodies(messages), Self.rows(messages)]
        let queued = messages.filter { !$0.entries.isEmpty }
        let ready = queued.filter { $0.scheduledAt == nil && !$0.isTest }
        if !ready.isEmpty { statements.append(Self.ready(ready)) }
        let deferred = queued.filter { $0.scheduledAt != nil || $0.isTest }
        if !deferred.isEmpty { statements.append(Self.deferred(deferred)) }
        let expiring = queued.filter { $0.expiresAt != nil }
        if !expiring.isEmpty { statements.append(Self.expiry(expiring)) }
        statements += Self.events(messages)
        self.statements = statements
    }

    private static func messages(_ messages: [NewMessage]) -> SQL {
        """
        INSERT INTO message (id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, subject, tags,
                             metadata, size, scheduled_at, expires_at, test, trace)
        SELECT id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, subject, tags::jsonb,
               metadata::jsonb, size, scheduled_at, expires_at, test, trace
        FROM unnest(\(messages.map(\.id.uuid)), \(messages.map(\.tenantID)), \(messages.map(\.laneID)),
                    \(messages.map(\.region)), \(messages.map(\.stream.rawValue)), \(messages.map(\.priority.rawValue)),
                    \(messages.map(\.split)), \(messages.map { Int32($0.recipients.count) }), \(messages.map(\.sender)),
                    \(messages.map(\.subject)), \(messages.map(\.tags)), \(messages.map(\.metadata)),
                    \(messages.map { Int32($0.content.size) }), \(messages.map(\.scheduledAt)),
                    \(messages.map(\.expiresAt)), \(messages.map(\.isTest)), \(messages.map { $0.trace?.bytes }))
             AS m (id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, subject, tags, metadata,
                   size, scheduled_at, expires_at, test, trace)
        """
    }

    private static func bodies(_ messages: [NewMessage]) -> SQL {
        """
        INSERT INTO body (id, kind, content)
        SELECT * FROM unnest(\(messages.map(\.id.uuid)), \(messages.map(\.content.storedKind)),
                             \(messages.map(\.content.bytes)))
        """
    }

    private static func rows(_ messages: [NewMessage]) -> SQL {
        var ids: [PostgresUUID] = []
        var tenants: [Int32] = []
        var emails: [String] = []
        var kinds: [String] = []
        var statuses: [Int16] = []
        for message in messages {
            for (index, recipient) in message.recipients.enumerated() {
                guard let id = message.id.outbox(index + 1) else { continue }
                ids.append(id.uuid)
                tenants.append(message.tenantID)
                emails.append(recipient.email)
                kinds.append(recipient.kind.rawValue)
                statuses.append((recipient.isSuppressed ? .suppressed : message.startingStatus).rank)
            }
        }
        return """
            INSERT INTO outbox (id, tenant_id, email, kind, status)
            SELECT * FROM unnest(\(ids), \(tenants), \(emails), \(kinds), \(statuses))
            """
    }

    private static func ready(_ messages: [NewMessage]) -> SQL {
        let entries = Entries(messages)
        return """
            INSERT INTO ready (lane_id, priority, id, recipients)
            SELECT * FROM unnest(\(entries.lanes), \(entries.priorities), \(entries.ids), \(entries.recipients))
            """
    }

    /// What is scheduled, and tests, which are due at once and never get into `ready`.
    private static func deferred(_ messages: [NewMessage]) -> SQL {
        let entries = Entries(messages)
        return """
            INSERT INTO deferred (lane_id, due_at, id, priority, recipients, reason)
            SELECT lane_id, coalesce(due_at, now()), id, priority, recipients, \(DeferredReason.scheduled.rawValue)
            FROM unnest(\(entries.lanes), \(entries.dueTimes), \(entries.ids), \(entries.priorities),
                        \(entries.recipients)) AS e (lane_id, due_at, id, priority, recipients)
            """
    }

    private static func expiry(_ messages: [NewMessage]) -> SQL {
        """
        INSERT INTO expiry (expires_at, id, lane_id, priority)
        SELECT * FROM unnest(\(messages.map(\.expiresAt)), \(messages.map(\.id.uuid)), \(messages.map(\.laneID)),
                             \(messages.map(\.priority.rawValue)))
        """
    }

    /// What the feed says of acceptance. `queued` and `scheduled` stand there only; a suppressed row's event is recorded.
    private static func events(_ messages: [NewMessage]) -> [SQL] {
        var queued = (tenants: [Int32](), ids: [PostgresUUID](), identities: [String]())
        var suppressed = (tenants: [Int32](), ids: [PostgresUUID]())
        for message in messages {
            let type: EventType = message.scheduledAt == nil ? .queued : .scheduled
            for (index, recipient) in message.recipients.enumerated() {
                guard let id = message.id.outbox(index + 1)?.uuid else { continue }
                if recipient.isSuppressed {
                    suppressed.tenants.append(message.tenantID)
                    suppressed.ids.append(id)
                } else {
                    queued.tenants.append(message.tenantID)
                    queued.ids.append(id)
                    queued.identities.append(type.rawValue)
                }
            }
        }
        var statements: [SQL] = []
        if !queued.ids.isEmpty {
            statements.append(
                """
                INSERT INTO event_batch (tenant_ids, outbox_ids, identities)
                VALUES (\(queued.tenants), \(queued.ids), \(queued.identities))
                """
            )
        }
        if !suppressed.ids.isEmpty {
            let type = EventType.suppressed.rawValue
            statements.append(
                """
                WITH happened AS (
                    SELECT tenant_id, id, \(type) AS identity, \(type) AS type,
                           \(MessageStatus.suppressed.rank) AS status, NULL::jsonb AS data
                    FROM unnest(\(suppressed.tenants), \(suppressed.ids)) AS s (tenant_id, id)
                ), \(EventRecord.record("happened"))
                SELECT count(*) FROM told
                """
            )
        }
        return statements
    }

    /// The queue entries of some messages as columns.
    private struct Entries {
        var lanes: [Int32] = []
        var priorities: [Int16] = []
        var ids: [PostgresUUID] = []
        var recipients: [Int16] = []
        var dueTimes: [Date?] = []

        init(_ messages: [NewMessage]) {
            for message in messages {
                for entry in message.entries {
                    lanes.append(message.laneID)
                    priorities.append(message.priority.rawValue)
                    ids.append(entry.id.uuid)
                    recipients.append(Int16(entry.recipients))
                    dueTimes.append(message.scheduledAt)
                }
            }
        }
    }
}
