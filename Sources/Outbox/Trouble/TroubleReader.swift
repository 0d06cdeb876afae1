import Foundation
public import Mail
public import Postgres

/// Finds what went wrong over all tenants, newest first, by the index of such events.
///
/// The index knows that a recipient has had a status, not that it still has: of a thousand dead letters that were sent again it
/// holds each. So a call goes on part by part until it has enough, the end is reached, or its time is over.
public struct TroubleReader: Sendable {
    /// Events of all tenants together that one statement looks at, where few of them pass the filter.
    static let bound = 2_000
    /// Of a call, and of each of its statements.
    private static let timeout = Duration.seconds(3)

    private let pool: PostgresPool
    private let bound: Int
    private let timeout: Duration

    /// - Parameter pool: one of its own, so that no search keeps mail from being accepted.
    public init(pool: PostgresPool) {
        self.init(pool: pool, bound: Self.bound, timeout: Self.timeout)
    }

    init(pool: PostgresPool, bound: Int, timeout: Duration = Self.timeout) {
        self.pool = pool
        self.bound = bound
        self.timeout = timeout
    }

    /// Up to `limit`. It may be fewer although there are more: see `edge`.
    ///
    /// - Parameters:
    ///   - after: only older ones than this.
    ///   - before: only newer ones, those next to it.
    public func recipients(
        _ filter: TroubleFilter,
        limit: Int,
        after: OutboxID?,
        before: OutboxID?
    ) async throws -> ListPage<TroubledRecipient, OutboxID> {
        let start = filter.createdAfter ?? Date(timeIntervalSinceNow: -(TroubleFilter.standardAge / .seconds(1)))
        let range = IDRange(from: start, before: filter.createdBefore).beyond(after: after?.uuid, before: before?.uuid)
        let isAscending = before != nil
        var found: [TroubledRecipient] = []
        var edge: PostgresUUID?
        do {
            try await pool.withReading(statementsWithin: Self.timeout) { connection in
                try await connection.execute(ListReader.planning)
                let started = ContinuousClock.now
                let step = filter.isNarrow ? bound : max(bound / 4, limit * 4)
                var rest = range
                repeat {
                    let look = Look(filter: filter, range: rest, isAscending: isAscending)
                    let reached = try await connection.query(look.edge(step), prepared: false)
                        .decode(PostgresUUID.self).first
                    let part = reached.map { rest.up(to: $0, isAscending: isAscending) } ?? rest
                    let rows = Look(filter: filter, range: part, isAscending: isAscending).rows(limit - found.count)
                    found += try await connection.query(rows, prepared: false).compactMap { try TroubledRecipient($0) }
                    edge = reached
                    guard let reached, found.count < limit, ContinuousClock.now - started < timeout else { return }
                    rest = rest.beyond(after: isAscending ? nil : reached, before: isAscending ? reached : nil)
                } while true
            }
        } catch  where edge != nil && DatabaseAvailability.isTooSlow(error) {
            // What was found by then is an answer; the next call goes on from there.
        }
        return ListPage(
            items: isAscending ? found.reversed() : found,
            edge: edge.flatMap { ListReader.edge($0, isAscending: isAscending) }
        )
    }
}

/// The statements on a part of the ids.
private struct Look {
    let filter: TroubleFilter
    let range: IDRange
    let isAscending: Bool

    private var order: SQL { isAscending ? "ASC" : "DESC" }

    private var tenants: SQL {
        filter.tenantID.map { "WHERE tenant.id = \($0)" } ?? "WHERE tenant.test_of IS NULL"
    }

    private var events: SQL {
        """
        SELECT event.outbox_id AS id FROM event
        WHERE event.tenant_id = tenant.id AND event.status = \(filter.status.rank)
          AND event.status >= 30 AND event.status <> 50 AND event.status <> 80
          AND event.outbox_id >= \(range.low) AND event.outbox_id < \(range.high)
        ORDER BY event.outbox_id \(order)
        """
    }

    /// The last of the first `count` events of all tenants: (uuid). None where there are fewer.
    func edge(_ count: Int) -> SQL {
        """
        SELECT e.id FROM tenant CROSS JOIN LATERAL (\(events) LIMIT \(Int64(count))) AS e \(tenants)
        ORDER BY e.id \(order) LIMIT 1 OFFSET \(Int64(count - 1))
        """
    }

    /// Those that still are what they are looked for as, and pass.
    func rows(_ limit: Int) -> SQL {
        var conditions: SQL = "o.status = \(filter.status.rank)"
        if let domain = filter.domain {
            conditions += " AND right(lower(o.email), \(Int32(domain.utf8.count + 1))) = \("@" + domain)"
        }
        if let reason = filter.reason {
            conditions += " AND position(lower(\(reason)) IN lower(coalesce(o.detail, ''))) > 0"
        }
        return """
            SELECT c.id, c.tenant_id, o.email, o.status, o.attempt, o.detail, m.region, m.stream, m.created_at, o.updated_at,
                   o.status = \(MessageStatus.unknown.rank) AND EXISTS (
                       SELECT FROM deferred WHERE deferred.id IN (c.id, message_of(c.id)) AND deferred.due_at = 'infinity')
            FROM (
                SELECT DISTINCT e.id, tenant.id AS tenant_id FROM tenant CROSS JOIN LATERAL (\(events)) AS e \(tenants)
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

extension TroubleFilter {
    /// Whether few of many may pass.
    fileprivate var isNarrow: Bool { domain != nil || reason != nil }
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
