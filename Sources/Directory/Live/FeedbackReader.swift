import Foundation
public import Postgres

/// Shows operators where feedback comes from, what of it was kept aside, and what they have to look after.
public struct FeedbackReader: Sendable {
    /// Alarms that are shown at most; there is one for each account, kind and object.
    public static let maximumAlarms = 10_000

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Every account by name; last, without a name, what came in for none, if anything did.
    public func figures() async throws -> [FeedbackFigures] {
        let answers = try await pool.pipeline([
            "SELECT id, name FROM account ORDER BY name",
            """
            SELECT account_id, source, confirmed_at, ended_at, received_at, event_at, events
            FROM feedback_source ORDER BY account_id, source
            """,
            "SELECT account_id, reason, count(*) FROM feedback_kept GROUP BY account_id, reason",
        ])
        var sources: [Int32: [FeedbackFigures.Source]] = [:]
        for row in answers[1] {
            sources[try row[0, as: Int32.self], default: []].append(
                FeedbackFigures.Source(
                    source: try row[1, as: String.self],
                    confirmedAt: try row[2, as: Date?.self],
                    endedAt: try row[3, as: Date?.self],
                    receivedAt: try row[4, as: Date?.self],
                    eventAt: try row[5, as: Date?.self],
                    events: try row[6, as: Int64.self]
                )
            )
        }
        let accounts = try answers[0].decode(Int32.self, String.self)
        let known = Set(accounts.map(\.0))
        var kept: [Int32?: [String: Int]] = [:]
        for (id, reason, count) in try answers[2].decode(Int32?.self, String.self, Int.self) {
            // Those of removed accounts are nobody's.
            kept[id.flatMap { known.contains($0) ? $0 : nil }, default: [:]][reason, default: 0] += count
        }
        let figures = accounts.map { id, name in
            FeedbackFigures(account: name, sources: sources[id] ?? [], kept: kept[id] ?? [:])
        }
        return figures + (kept[nil].map { [FeedbackFigures(account: nil, sources: [], kept: $0)] } ?? [])
    }

    /// What was kept, newest first.
    ///
    /// - Parameters:
    ///   - account: a name; nil: all.
    ///   - after: only what comes after this one in the list: older ones.
    ///   - before: only what comes before it: newer ones, those next to it.
    public func kept(account: String?, limit: Int, after: Int64?, before: Int64?) async throws -> [KeptFeedback] {
        var condition: SQL = "k.id < \(after ?? .max) AND k.id > \(before ?? -1)"
        if let account { condition += " AND k.account_id = (SELECT id FROM account WHERE name = \(account))" }
        let rows = try await pool.query(
            """
            SELECT k.id, k.at, account.name, k.source, k.reason, k.detail, k.body
            FROM feedback_kept AS k LEFT JOIN account ON account.id = k.account_id
            WHERE \(condition) ORDER BY k.id \(raw: before == nil ? "DESC" : "ASC") LIMIT \(Int64(limit))
            """
        ).decode(Int64.self, Date.self, String?.self, String.self, String.self, String.self, String.self).map {
            KeptFeedback(id: $0.0, at: $0.1, account: $0.2, source: $0.3, reason: $0.4, detail: $0.5, body: $0.6)
        }
        return before == nil ? rows : rows.reversed()
    }

    /// All alarms by account, kind and object.
    public func alarms() async throws -> [OperatorAlarm] {
        try await pool.query(
            """
            SELECT account.name, kind, object, detail, times, first_at, last_at
            FROM operator_alarm JOIN account ON account.id = account_id
            ORDER BY account.name, kind, object LIMIT \(Int64(Self.maximumAlarms))
            """
        ).decode(String.self, String.self, String.self, String.self, Int64.self, Date.self, Date.self).map {
            OperatorAlarm(
                account: $0.0,
                kind: $0.1,
                object: $0.2,
                detail: $0.3,
                times: $0.4,
                firstAt: $0.5,
                lastAt: $0.6
            )
        }
    }

    /// Takes an alarm off the list, until it is raised anew.
    ///
    /// - Returns: false when there is none.
    public func clearAlarm(account: String, kind: String, object: String, actor: String) async throws -> Bool {
        try await pool.query(
            """
            WITH gone AS (
                DELETE FROM operator_alarm
                WHERE account_id = (SELECT id FROM account WHERE name = \(account)) AND kind = \(kind)
                  AND object = \(object)
                RETURNING times, first_at, last_at
            )
            INSERT INTO audit (actor, action, object, detail, before, request_id)
            SELECT \(actor), 'delete', 'alarm ' || \(kind)::text || ' ' || \(object)::text || ' of account ' || \(account)::text,
                   jsonb_build_object('change', 'raised ' || times || ' times'), to_jsonb(gone), \(AuditOrigin.requestID)::text
            FROM gone RETURNING id
            """
        ).count > 0
    }
}
