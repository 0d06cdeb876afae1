import Foundation
package import Postgres

/// Takes waiting batches in the order of their numbers and gives their events places.
///
/// Causes come before effects: what led to an event was committed before the event was recorded, so whoever sees the
/// second batch sees the first, which has the lower number.
package struct SequencerTurn {
    package static let mostBatches = 200
    /// Of one turn, but for its last batch.
    private static let mostEvents = 20_000
    /// Numbers are given before the commit, so a lower one may turn up later: this long, which is more than a statement may
    /// take, it is looked for at the right place, and every so often from the beginning. In between, dead entries that an old snapshot keeps in the index are
    /// not walked through.
    private static let lookBack = Duration.seconds(40)

    private var marks: [(number: Int64, at: ContinuousClock.Instant)] = []
    private var wholeAt = ContinuousClock.now

    package init() {}

    /// Sequences up to `mostBatches` batches; returns how many.
    package mutating func take(from pool: PostgresPool) async throws -> Int {
        let now = ContinuousClock.now
        let after = lowerBound(now)
        guard try await pool.query(Self.anything(after: after)).first != nil else { return 0 }
        let numbers = try await pool.withTransaction { connection in
            let batches = try await Self.taken(after: after, on: connection)
            try await Self.place(batches.flatMap(\.events), on: connection)
            return batches.map(\.number)
        }
        if let last = numbers.last, marks.last.map({ $0.number < last }) ?? true { marks.append((last, now)) }
        return numbers.count
    }

    /// The number after which to look, 0 for a look at everything.
    private mutating func lowerBound(_ now: ContinuousClock.Instant) -> Int64 {
        if now >= wholeAt {
            wholeAt = now + Self.lookBack
            return 0
        }
        while marks.count > 1, marks[1].at + Self.lookBack <= now { marks.removeFirst() }
        return marks.first.map { $0.at + Self.lookBack <= now ? $0.number : 0 } ?? 0
    }

    private static func anything(after: Int64) -> SQL {
        "SELECT 1 FROM event_batch WHERE id > \(after) ORDER BY id LIMIT 1"
    }

    private struct Event {
        let tenantID: Int32
        let outboxID: PostgresUUID
        let identity: String
    }

    private struct Batch {
        let number: Int64
        let events: [Event]
    }

    private static func taken(after: Int64, on connection: PostgresConnection) async throws -> [Batch] {
        let rows = try await connection.query(
            """
            WITH taken AS (
                DELETE FROM event_batch WHERE ctid = ANY (ARRAY(
                    SELECT tid FROM (
                        SELECT tid, id, sum(events) OVER (ORDER BY id) - events AS before FROM (
                            SELECT ctid AS tid, id, cardinality(outbox_ids) AS events FROM event_batch
                            WHERE id > \(after) ORDER BY id LIMIT \(Int32(mostBatches))
                        ) AS waiting
                    ) AS counted WHERE before < \(mostEvents) ORDER BY id))
                RETURNING id, tenant_ids, outbox_ids, identities
            )
            SELECT * FROM taken ORDER BY id
            """
        )
        return try rows.decode(Int64.self, [Int32].self, [PostgresUUID].self, [String].self).map { row in
            Batch(
                number: row.0,
                events: row.1.indices.map { Event(tenantID: row.1[$0], outboxID: row.2[$0], identity: row.3[$0]) }
            )
        }
    }

    /// Gives events the next places of their tenants' feeds. The heads are locked in the order of the tenants.
    private static func place(_ events: [Event], on connection: PostgresConnection) async throws {
        let counts = Dictionary(grouping: events, by: \.tenantID).mapValues { Int64($0.count) }
        let tenants = counts.keys.sorted()
        guard !tenants.isEmpty else { return }
        let heads = try await connection.query(
            """
            INSERT INTO feed_head (tenant_id, seq, at)
            SELECT tenant_id, events, clock_timestamp()
            FROM unnest(\(tenants), \(tenants.map { counts[$0] ?? 0 })) AS c (tenant_id, events)
            ON CONFLICT (tenant_id) DO UPDATE SET
                seq = feed_head.seq + excluded.seq, at = greatest(feed_head.at, excluded.at)
            RETURNING tenant_id, seq, at
            """
        ).decode(Int32.self, Int64.self, Date.self)
        var next: [Int32: (seq: Int64, at: Date)] = [:]
        for (tenant, seq, at) in heads { next[tenant] = (seq - (counts[tenant] ?? 0) + 1, at) }
        let firsts = next
        var seqs: [Int64] = []
        var times: [Date] = []
        for event in events {
            guard let head = next[event.tenantID] else { continue }
            seqs.append(head.seq)
            times.append(head.at)
            next[event.tenantID]?.seq += 1
        }
        _ = try await connection.query(
            """
            INSERT INTO feed (tenant_id, seq, at, outbox_id, identity)
            SELECT * FROM unnest(\(events.map(\.tenantID)), \(seqs), \(times), \(events.map(\.outboxID)),
                                 \(events.map(\.identity)))
            """
        )
        _ = try await connection.query(
            """
            INSERT INTO feed_day (tenant_id, day, first_seq)
            SELECT h.tenant_id, (h.at AT TIME ZONE 'UTC')::date, h.first_seq
            FROM unnest(\(tenants), \(tenants.compactMap { firsts[$0]?.seq }), \(tenants.compactMap { firsts[$0]?.at }))
                AS h (tenant_id, first_seq, at)
            WHERE (h.at AT TIME ZONE 'UTC')::date IS DISTINCT FROM (
                SELECT day FROM feed_day WHERE feed_day.tenant_id = h.tenant_id ORDER BY first_seq DESC LIMIT 1)
            """
        )
    }
}
