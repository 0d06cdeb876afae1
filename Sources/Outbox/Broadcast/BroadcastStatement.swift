import Mail
import Postgres
import Telemetry

/// The statements that put one message with very many recipients into the outbox, in one transaction.
enum BroadcastStatement {
    static func message(_ message: NewMessage, recipients: Int) -> [SQL] {
        var statements: [SQL] = [
            """
            INSERT INTO message (id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, subject, tags,
                                 metadata, size, scheduled_at, expires_at, test, trace)
            SELECT \(message.id.uuid), \(message.tenantID), \(message.laneID), \(message.region),
                   \(message.stream.rawValue), \(message.priority.rawValue), true, \(Int32(recipients)),
                   \(message.sender), \(message.subject), \(message.tags)::jsonb, \(message.metadata)::jsonb,
                   \(Int32(message.content.size)), \(message.scheduledAt), \(message.expiresAt), \(message.isTest),
                   \(message.trace?.bytes)
            """,
            """
            INSERT INTO body (id, kind, content)
            SELECT \(message.id.uuid), \(message.content.storedKind), \(message.content.bytes)
            """,
        ]
        if let expiresAt = message.expiresAt {
            statements.append(
                """
                INSERT INTO expiry (expires_at, id, lane_id, priority)
                SELECT \(expiresAt), \(message.id.uuid), \(message.laneID), \(message.priority.rawValue)
                """
            )
        }
        return statements
    }

    /// Some of its recipients, the first of which is number `first`. Whoever is suppressed is marked so and waits for nothing.
    /// Returns how many are.
    ///
    /// - Parameter pseudonyms: of the recipients, where some are suppressed under them.
    static func recipients(
        _ recipients: [BroadcastRecipient],
        pseudonyms: [String]? = nil,
        first: Int,
        of message: NewMessage
    ) -> SQL {
        let ids = recipients.indices.compactMap { message.id.outbox(first + $0)?.uuid }
        let start = message.startingStatus
        let queued = (message.scheduledAt == nil ? EventType.queued : .scheduled).rawValue
        let suppressed = EventType.suppressed.rawValue
        return """
            WITH r AS MATERIALIZED (
                SELECT r.id, r.email, r.data, EXISTS (
                    SELECT FROM suppression
                    WHERE suppression.tenant_id = \(message.tenantID)
                      AND suppression.email IN (lower(r.email), r.pseudonym)
                      AND suppression.stream IN ('', \(message.stream.rawValue))) AS is_suppressed
                FROM unnest(\(ids), \(recipients.map(\.email)), \(recipients.map(\.data)), \(pseudonyms ?? []))
                     AS r (id, email, data, pseudonym)
            ), rows AS (
                INSERT INTO outbox (id, tenant_id, email, kind, status)
                SELECT id, \(message.tenantID), email, 'to',
                       CASE WHEN is_suppressed THEN \(MessageStatus.suppressed.rank) ELSE \(start.rank) END
                FROM r
            ), own AS (
                INSERT INTO recipient_data (id, data) SELECT id, data FROM r WHERE data IS NOT NULL AND NOT is_suppressed
            ), waiting AS (
                \(queue(message))
            ), accepted AS (
                INSERT INTO event_batch (tenant_ids, outbox_ids, identities)
                SELECT array_agg(\(message.tenantID)::integer), array_agg(id), array_agg(\(queued)::text) FROM r
                WHERE NOT is_suppressed HAVING count(*) > 0
            ), happened AS (
                SELECT \(message.tenantID)::integer AS tenant_id, id, \(suppressed) AS identity, \(suppressed) AS type,
                       \(MessageStatus.suppressed.rank) AS status, NULL::jsonb AS data
                FROM r WHERE is_suppressed
            ), \(EventRecord.record("happened"))
            SELECT count(*) FROM r WHERE is_suppressed
            """
    }

    private static func queue(_ message: NewMessage) -> SQL {
        guard message.scheduledAt != nil || message.isTest else {
            return """
                INSERT INTO ready (lane_id, priority, id, recipients)
                SELECT \(message.laneID), \(message.priority.rawValue), id, 1::smallint FROM r WHERE NOT is_suppressed
                """
        }
        return """
            INSERT INTO deferred (lane_id, due_at, id, priority, recipients, reason)
            SELECT \(message.laneID), coalesce(\(message.scheduledAt)::timestamptz, now()), id, \(message.priority.rawValue), 1::smallint,
                   \(DeferredReason.scheduled.rawValue)
            FROM r WHERE NOT is_suppressed
            """
    }
}
