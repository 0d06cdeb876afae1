import FoundationEssentials
import Postgres

/// The table of where feedback comes from. Accounts that are gone are passed over.
struct SourceStore: Sendable {
    /// What came from one source since it was written last.
    struct Count: Sendable {
        let accountID: Int32
        let source: String
        var receivedAt: Date
        var eventAt: Date?
        var events: Int64 = 0
    }

    let pool: PostgresPool

    /// A subscription is confirmed.
    func confirmed(_ source: String, accountID: Int32) async throws {
        _ = try await pool.query(
            """
            INSERT INTO feedback_source (account_id, source, confirmed_at)
            SELECT id, \(source), clock_timestamp() FROM account WHERE id = \(accountID)
            ON CONFLICT (account_id, source) DO UPDATE SET confirmed_at = excluded.confirmed_at, ended_at = NULL
            """
        )
    }

    /// A subscription was ended by somebody.
    func ended(_ source: String, accountID: Int32) async throws {
        _ = try await pool.query(
            """
            INSERT INTO feedback_source (account_id, source, ended_at)
            SELECT id, \(source), clock_timestamp() FROM account WHERE id = \(accountID)
            ON CONFLICT (account_id, source) DO UPDATE SET ended_at = excluded.ended_at
            """
        )
    }

    func add(_ counts: [Count]) async throws {
        let counts = counts.sorted { ($0.accountID, $0.source) < ($1.accountID, $1.source) }
        _ = try await pool.query(
            """
            INSERT INTO feedback_source (account_id, source, received_at, event_at, events)
            SELECT n.account_id, n.source, n.received_at, n.event_at, n.events
            FROM unnest(\(counts.map(\.accountID)), \(counts.map(\.source)), \(counts.map(\.receivedAt)),
                        \(counts.map(\.eventAt)), \(counts.map(\.events)))
                AS n (account_id, source, received_at, event_at, events)
            JOIN account ON account.id = n.account_id
            ORDER BY n.account_id, n.source
            ON CONFLICT (account_id, source) DO UPDATE SET
                received_at = greatest(feedback_source.received_at, excluded.received_at),
                event_at = greatest(feedback_source.event_at, excluded.event_at),
                events = feedback_source.events + excluded.events
            """
        )
    }
}
