import Mail
import Postgres

/// Takes addresses, and what came with them, out of rows whose mail is over.
enum RowErasure {
    /// What one statement erased.
    struct Counts: Sendable {
        var recipients = 0
        var events = 0
        var bodies = 0
    }

    /// Below this a status says that mail may still be sent, so that its address is needed.
    static let leastOver = MessageStatus.expired.rank

    /// Puts pseudonyms in the place of addresses, and keeps of their events what names nobody. Data of their own go, and so does
    /// a body once nobody waits for it. The rows are locked in the order of their ids.
    static func erase(
        _ rows: [(id: PostgresUUID, pseudonym: String)],
        tenantID: Int32,
        on connection: PostgresConnection
    ) async throws -> Counts {
        let found = try await connection.query(
            """
            WITH r AS MATERIALIZED (
                SELECT * FROM unnest(\(rows.map(\.id)), \(rows.map(\.pseudonym))) AS r (id, pseudonym)
            ), bare AS (
                UPDATE outbox SET email = r.pseudonym, detail = NULL
                FROM (SELECT * FROM r ORDER BY id) AS r WHERE outbox.id = r.id AND outbox.tenant_id = \(tenantID)
                RETURNING outbox.id
            ), quiet AS (
                UPDATE event SET data = bare_event(event.data)
                FROM r WHERE event.outbox_id = r.id AND event.tenant_id = \(tenantID) AND event.data IS NOT NULL RETURNING 1
            ), own AS (
                DELETE FROM recipient_data USING r WHERE recipient_data.id = r.id
            ), own_kept AS (
                DELETE FROM recipient_data_kept AS kept USING r WHERE kept.id = r.id
            ), finished AS MATERIALIZED (
                SELECT m.id FROM (SELECT DISTINCT message_of(id) AS id FROM r) AS m WHERE NOT \(waits("m.id"))
            ), dropped AS (
                DELETE FROM body USING finished WHERE body.id = finished.id RETURNING 1
            ), dropped_kept AS (
                DELETE FROM body_kept AS kept USING finished WHERE kept.id = finished.id RETURNING 1
            ), told AS (
                UPDATE message SET subject = NULL, metadata = NULL
                FROM finished WHERE message.id = finished.id AND message.tenant_id = \(tenantID) AND message.recipients = 1
            )
            SELECT (SELECT count(*) FROM bare), (SELECT count(*) FROM quiet),
                   (SELECT count(*) FROM dropped) + (SELECT count(*) FROM dropped_kept)
            """
        ).decode(Int.self, Int.self, Int.self).first
        return found.map { Counts(recipients: $0.0, events: $0.1, bodies: $0.2) } ?? Counts()
    }

    /// Whether anything of the message with this id is queued or claimed.
    static func waits(_ message: String) -> SQL {
        """
        (EXISTS (SELECT FROM message AS w JOIN ready ON ready.lane_id = w.lane_id AND ready.priority = w.priority
                     AND ready.id BETWEEN w.id AND last_of(w.id)
                 WHERE w.id = \(raw: message))
         OR EXISTS (SELECT FROM deferred WHERE deferred.id BETWEEN \(raw: message) AND last_of(\(raw: message)))
         OR EXISTS (SELECT FROM claim CROSS JOIN LATERAL unnest(claim.entries) AS entry (id)
                    WHERE entry.id BETWEEN \(raw: message) AND last_of(\(raw: message))))
        """
    }
}
