import Postgres

/// A day's table that is old enough to be dropped, in whatever state an earlier attempt left it.
struct OldPartition: Sendable {
    enum State: Sendable {
        case attached
        /// Its detaching was begun and not ended.
        case detaching
        case detached
    }

    let parent: String
    let name: String
    /// Such as `2026-02-03`.
    let day: String
    let state: State
    /// It stays while mail of its day waits.
    let waits: Bool
    /// Where rows of waiting mail are moved to.
    let keptIn: String?

    /// All of them, oldest first. Events of a message are kept as long as the message.
    static func all(_ retention: Retention, on connection: PostgresConnection) async throws -> [OldPartition] {
        try await connection.query(
            """
            WITH kept AS (
                SELECT * FROM unnest(\(retention.ages.map(\.kept)), \(retention.ages.map(\.seconds))) AS k (kept, age)
            ), leaf AS (
                SELECT t.parent, t.waits, t.kept_in, t.kept, c.oid, c.relname::text AS name,
                       to_date(substring(c.relname FROM '_([0-9]{8})$'), 'YYYYMMDD') AS day
                FROM day_partitioned AS t JOIN pg_class AS c ON c.relname ~ ('^' || t.parent || '_[0-9]{8}$')
                WHERE c.relkind = 'r'
                  AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = t.parent::regclass)
            )
            SELECT leaf.parent, leaf.name, leaf.day::text, i.inhrelid IS NULL, coalesce(i.inhdetachpending, false), leaf.waits,
                   leaf.kept_in
            FROM leaf LEFT JOIN pg_inherits AS i ON i.inhrelid = leaf.oid
            WHERE (leaf.day + 1)::timestamp AT TIME ZONE 'UTC' <= now() - interval '1 second' * (
                SELECT max(age) FROM kept WHERE kept.kept = leaf.kept OR leaf.waits AND kept.kept = 'messages')
            ORDER BY leaf.day, leaf.parent
            """
        ).decode(String.self, String.self, String.self, Bool.self, Bool.self, Bool.self, String?.self).map { row in
            OldPartition(
                parent: row.0,
                name: row.1,
                day: row.2,
                state: row.3 ? .detached : row.4 ? .detaching : .attached,
                waits: row.5,
                keptIn: row.6
            )
        }
    }

    /// The entries that wait and are of this day.
    var waiting: SQL {
        "waiting_between(first_id_of(\(day)::text::date), first_id_of(\(day)::text::date + 1))"
    }
}
