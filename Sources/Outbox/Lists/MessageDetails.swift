import Foundation
import Mail
import Postgres

/// What a list shows of the messages that were found.
struct MessageDetails {
    /// Addresses that are shown of each.
    private static let shownAddresses: Int32 = 10

    private let tenantID: Int32
    private let ids: [PostgresUUID]
    private let range: IDRange

    init(tenantID: Int32, ids: [PostgresUUID]) {
        self.tenantID = tenantID
        self.ids = ids
        range = IDRange(covering: ids)
    }

    var heads: SQL {
        """
        SELECT id, region, stream, sender, subject, tags::text, metadata::text, created_at, scheduled_at, expires_at, recipients, test
        FROM message
        WHERE id = ANY (\(ids)) AND id >= \(range.low) AND id < \(range.high) AND tenant_id = \(tenantID)
        """
    }

    /// How many recipients of each have which status: (id, rank, count).
    var statuses: SQL {
        """
        WITH \(RowStatus.claimed)
        SELECT m.id, o.status, count(*)
        FROM unnest(\(ids)) AS m (id) CROSS JOIN LATERAL (
            SELECT \(RowStatus.now(message: "m.id")) AS status FROM outbox AS o WHERE \(rows) OFFSET 0
        ) AS o GROUP BY m.id, o.status
        """
    }

    /// To whom each goes: (id, addresses).
    var addresses: SQL {
        """
        SELECT m.id, ARRAY(SELECT o.email FROM outbox AS o WHERE \(rows) AND o.kind = 'to'
                           ORDER BY o.id LIMIT \(Self.shownAddresses))
        FROM unnest(\(ids)) AS m (id)
        """
    }

    private var rows: SQL { RowStatus.rows(of: "m.id", in: range, tenantID: tenantID) }
}

extension ListedMessage {
    /// Reads a row of `MessageDetails.heads`; nil for what is no message.
    init?(_ row: Row) throws {
        let uuid = try row[0, as: PostgresUUID.self]
        guard let id = MessageID(high: uuid.high, low: uuid.low) else { return nil }
        self.init(
            id: id,
            region: try row[1, as: String.self],
            stream: try row[2, as: String.self],
            from: try row[3, as: String.self],
            subject: try row[4, as: String?.self],
            tags: try row[5, as: String?.self],
            metadata: try row[6, as: String?.self],
            createdAt: try row[7, as: Date.self],
            scheduledAt: try row[8, as: Date?.self],
            expiresAt: try row[9, as: Date?.self],
            recipients: try row[10, as: Int.self],
            isTest: try row[11, as: Bool.self]
        )
    }
}
