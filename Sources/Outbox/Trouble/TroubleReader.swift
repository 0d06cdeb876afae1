import Foundation
public import Mail
public import Postgres

/// Finds what went wrong over all tenants, newest first, by the index of such events.
public struct TroubleReader: Sendable {
    /// Recipients of one tenant that one call looks at.
    private static let bound = 2_000
    private static let timeout = Duration.seconds(3)

    private let pool: PostgresPool

    /// - Parameter pool: one of its own, so that no search keeps mail from being accepted.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Up to `limit`. Where a filter passes few of very many, some that are older may be left out: `created_before` leads on.
    ///
    /// - Parameters:
    ///   - after: only older ones than this.
    ///   - before: only newer ones, those next to it.
    public func recipients(
        _ filter: TroubleFilter,
        limit: Int,
        after: OutboxID?,
        before: OutboxID?
    ) async throws -> [TroubledRecipient] {
        let start = filter.createdAfter ?? Date(timeIntervalSinceNow: -(TroubleFilter.standardAge / .seconds(1)))
        let range = IDRange(from: start, before: filter.createdBefore).beyond(after: after?.uuid, before: before?.uuid)
        guard !range.isEmpty else { return [] }
        let rows = try await pool.withReading(statementsWithin: Self.timeout) { connection in
            try await connection.execute(ListReader.planning)
            return try await connection.query(
                Self.statement(filter, range, limit: limit, isAscending: before != nil),
                prepared: false
            )
        }
        let found = try rows.compactMap { try TroubledRecipient($0) }
        return before == nil ? found : found.reversed()
    }

    /// Each tenant's newest by the index, and of those the newest.
    private static func statement(_ filter: TroubleFilter, _ range: IDRange, limit: Int, isAscending: Bool) -> SQL {
        let order: SQL = isAscending ? "ASC" : "DESC"
        let tenant: SQL = filter.tenantID.map { "WHERE tenant.id = \($0)" } ?? "WHERE tenant.test_of IS NULL"
        var conditions: SQL = "o.status = \(filter.status.rank)"
        if let domain = filter.domain {
            conditions += " AND right(lower(o.email), \(Int32(domain.utf8.count + 1))) = \("@" + domain)"
        }
        if let reason = filter.reason {
            conditions += " AND position(lower(\(reason)) IN lower(coalesce(o.detail, ''))) > 0"
        }
        let isNarrow = filter.domain != nil || filter.reason != nil
        return """
            SELECT c.id, c.tenant_id, o.email, o.status, o.attempt, o.detail, m.region, m.stream, m.created_at, o.updated_at,
                   o.status = \(MessageStatus.unknown.rank) AND EXISTS (
                       SELECT FROM deferred WHERE deferred.id IN (c.id, message_of(c.id)) AND deferred.due_at = 'infinity')
            FROM (
                SELECT DISTINCT e.id, tenant.id AS tenant_id
                FROM tenant CROSS JOIN LATERAL (
                    SELECT event.outbox_id AS id FROM event
                    WHERE event.tenant_id = tenant.id AND event.status = \(filter.status.rank)
                      AND event.status >= 30 AND event.status <> 50 AND event.status <> 80
                      AND event.outbox_id >= \(range.low) AND event.outbox_id < \(range.high)
                    ORDER BY event.outbox_id \(order) LIMIT \(Int64(isNarrow ? bound : max(bound / 4, limit * 4)))
                ) AS e \(tenant)
            ) AS c CROSS JOIN LATERAL (
                SELECT o.email, o.status, o.attempt, o.detail, o.updated_at FROM outbox AS o
                WHERE o.id = c.id AND o.id >= \(range.low) AND o.id < \(range.high) AND o.tenant_id = c.tenant_id
                  AND \(conditions) OFFSET 0
            ) AS o CROSS JOIN LATERAL (
                SELECT region, stream, created_at FROM message
                WHERE id = message_of(c.id) AND tenant_id = c.tenant_id OFFSET 0
            ) AS m
            ORDER BY c.id \(order) LIMIT \(Int64(limit))
            """
    }
}

extension TroubledRecipient {
    fileprivate init?(_ row: Row) throws {
        let uuid = try row[0, as: PostgresUUID.self]
        guard let id = OutboxID(high: uuid.high, low: uuid.low) else { return nil }
        self.init(
            id: id,
            tenantID: try row[1, as: Int32.self],
            email: try row[2, as: String.self],
            status: MessageStatus(rank: try row[3, as: Int16.self]) ?? .unknown,
            attempts: try row[4, as: Int.self],
            reason: try row[5, as: String?.self],
            region: try row[6, as: String.self],
            stream: try row[7, as: String.self],
            createdAt: try row[8, as: Date.self],
            updatedAt: try row[9, as: Date.self],
            isHeld: try row[10, as: Bool.self]
        )
    }
}
