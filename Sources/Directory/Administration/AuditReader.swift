import Foundation
public import Postgres

/// Reads the audit.
public struct AuditReader: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Up to `limit` entries, newest first.
    ///
    /// - Parameters:
    ///   - after: only what comes after this entry in the list: older ones.
    ///   - before: only what comes before it: newer ones, those next to it.
    public func entries(
        _ filter: AuditFilter = AuditFilter(),
        limit: Int,
        after: Int64? = nil,
        before: Int64? = nil
    ) async throws -> [AuditEntry] {
        try await pool.query(
            """
            SELECT id, at, actor, action, object, detail::text, before::text, after::text, request_id FROM (
                SELECT * FROM audit WHERE \(Self.condition(filter, after: after, before: before))
                ORDER BY id \(raw: before == nil ? "DESC" : "ASC") LIMIT \(Int64(limit))
            ) AS page ORDER BY id DESC
            """
        ).map { row in
            AuditEntry(
                id: try row[0, as: Int64.self],
                at: try row[1, as: Date.self],
                actor: try row[2, as: String.self],
                action: try row[3, as: String.self],
                object: try row[4, as: String.self],
                detail: try row[5, as: String.self],
                before: try row[6, as: String?.self],
                after: try row[7, as: String?.self],
                requestID: try row[8, as: String?.self]
            )
        }
    }

    /// Only what is asked for, so that each question has a plan of its own.
    private static func condition(_ filter: AuditFilter, after: Int64?, before: Int64?) -> SQL {
        var condition: SQL = "true"
        if let after { condition = "\(condition) AND id < \(after)" }
        if let before { condition = "\(condition) AND id > \(before)" }
        if let actor = filter.actor { condition = "\(condition) AND actor = \(actor)" }
        if let action = filter.action { condition = "\(condition) AND action = \(action)" }
        if let object = filter.object { condition = "\(condition) AND object = \(object)" }
        if let requestID = filter.requestID { condition = "\(condition) AND request_id = \(requestID)" }
        if let time = filter.createdAfter { condition = "\(condition) AND at >= \(time)" }
        if let time = filter.createdBefore { condition = "\(condition) AND at < \(time)" }
        return condition
    }
}
