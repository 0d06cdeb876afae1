import Foundation
import Mail
import Postgres

/// What a list shows of the recipients that were found, newest first.
enum RecipientDetails {
    static func statement(_ ids: [PostgresUUID], tenantID: Int32) -> SQL {
        let range = IDRange(covering: ids)
        let messages = IDRange(covering: ids.map(\.message))
        return """
            WITH \(RowStatus.claimed)
            SELECT o.id, o.email, o.kind, o.status, o.attempt, o.ses_message_id, o.detail, o.updated_at,
                   m.region, m.stream, m.created_at, e.type, e.data::text
            FROM unnest(\(ids)) AS r (id) CROSS JOIN LATERAL (
                SELECT o.id, o.email, o.kind, o.attempt, o.ses_message_id, o.detail, o.updated_at,
                       \(RowStatus.now(message: "message_of(o.id)")) AS status
                FROM outbox AS o
                WHERE o.id = r.id AND o.id >= \(range.low) AND o.id < \(range.high) AND o.tenant_id = \(tenantID) OFFSET 0
            ) AS o CROSS JOIN LATERAL (
                SELECT region, stream, created_at FROM message
                WHERE id = message_of(r.id) AND id >= \(messages.low) AND id < \(messages.high)
                  AND tenant_id = \(tenantID) OFFSET 0
            ) AS m LEFT JOIN LATERAL (
                SELECT type, data FROM event
                WHERE outbox_id = r.id AND outbox_id >= \(range.low) AND outbox_id < \(range.high)
                  AND tenant_id = \(tenantID)
                ORDER BY status DESC NULLS LAST, at DESC, id DESC LIMIT 1
            ) AS e ON true
            ORDER BY r.id DESC
            """
    }
}

extension ListedRecipient {
    /// Reads a row of `RecipientDetails`; nil for what is no recipient.
    init?(_ row: Row) throws {
        let uuid = try row[0, as: PostgresUUID.self]
        guard let id = OutboxID(high: uuid.high, low: uuid.low) else { return nil }
        self.init(
            id: id,
            email: try row[1, as: String.self],
            kind: RecipientKind(rawValue: try row[2, as: String.self]) ?? .to,
            status: MessageStatus(rank: try row[3, as: Int16.self]) ?? .unknown,
            attempts: try row[4, as: Int.self],
            sesMessageID: try row[5, as: String?.self],
            reason: try row[6, as: String?.self],
            updatedAt: try row[7, as: Date.self],
            region: try row[8, as: String.self],
            stream: try row[9, as: String.self],
            createdAt: try row[10, as: Date.self],
            lastEvent: try row[11, as: String?.self].flatMap(EventType.init(rawValue:)),
            details: try row[12, as: String?.self]
        )
    }
}
