import Directory
import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Testing

/// An old snapshot keeps entries that are gone in the indexes; what reads the queues must not walk through them each time.
@Suite("Queues beside an old snapshot")
struct PinnedSnapshotTests {
    @Test("A claim and a scan cost the same however many entries have gone, and both would not without marks")
    func claimsAndScans() async throws {
        try await withOldSnapshot { pool, world in
            let lane = try world.lane("apa", "AT")
            try await world.fill(lane, 20_000)
            let marks = QueueMarks()
            let claimer = try world.claimer(marks)
            let want = ClaimWant(laneID: lane, priority: .normal, recipients: 500)
            for _ in 0..<38 { _ = try await claimer.claim([want]) }
            #expect(try await world.count("ready") == 1_000)
            // What came while the claims went on is gone too, in queues before, between and behind.
            try await world.fill(try world.lane("standard", "AT"), 40)
            let small = ClaimWant(laneID: lane, priority: .normal, recipients: 10)
            let first = marks.first(QueueMarks.Queue(laneID: lane, priority: .normal))
            let marked = try await pool.buffers(claimer.statement([small], from: [first]))
            let unmarked = try await pool.buffers(claimer.statement([small], from: [.start]))
            #expect(marked < 120, "\(marked) buffers with the mark")
            #expect(unmarked > 2 * marked, "\(unmarked) buffers without")

            let scan = try await pool.buffers(QueueScan.statement(marks.lanes(), countingTo: 100))
            let whole = try await pool.buffers(QueueScan.statement([], countingTo: 100))
            #expect(scan < 120, "\(scan) buffers with marks")
            #expect(whole > 2 * scan, "\(whole) buffers without")
            let expected: Set = [
                QueueSign(laneID: lane, priority: .normal, rows: .many),
                QueueSign(laneID: try world.lane("standard", "AT"), priority: .normal, rows: .all(40)),
            ]
            #expect(Set(try await QueueScan(pool: pool, marks: marks).queues()) == expected)
        }
    }

    @Test("What comes in below the mark is claimed after its sign, and without one after a look from the start")
    func lateEntries() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<3).map { _ in try world.message() }
            let lane = try world.lane("apa", "AT")
            let marks = QueueMarks()
            let claimer = try world.claimer(marks)
            let want = ClaimWant(laneID: lane, priority: .normal, recipients: 1)
            try await world.accept([messages[2]])
            #expect(try await claimer.claim([want]).id != nil)

            try await world.accept([messages[1]])
            #expect(try await claimer.claim([want]).id == nil, "below the mark")
            let first = PostgresUUID(high: messages[1].id.high, low: messages[1].id.low)
            marks.lower([QueueSign(laneID: lane, priority: .normal, rows: .more(1), first: first)])
            #expect(try await claimer.claim([want]).id != nil)

            try await world.accept([messages[0]])
            let scan = QueueScan(pool: pool, marks: marks)
            #expect(try await scan.queues().isEmpty, "below the mark")
            #expect(try await claimer.claim([want]).id == nil)
            #expect(try await scan.queues(isWhole: true).count == 1)
            #expect(try await claimer.claim([want]).id != nil)
        }
    }

    @Test("Entries that go back are signed: outcomes that were returned, and claims that nobody works on")
    func returnedEntries() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<4).map { _ in try world.message() }
            try await world.accept(messages)
            let lane = try world.lane("apa", "AT")
            let marks = QueueMarks()
            let claimer = try world.claimer(marks)
            let claimed = try await claimer.claim([ClaimWant(laneID: lane, priority: .normal, recipients: 2)])
            let id = try #require(claimed.id)
            let calls = try await claimer.load(claimed.answers.flatMap(\.entries).map(\.id), claimID: id)
            _ = try await claimer.claim([ClaimWant(laneID: lane, priority: .normal, recipients: 2)])
            let settler = try await world.settle([
                Outcome(call: calls[0], result: .sent(sesMessageID: "x")), Outcome(call: calls[1], result: .returned),
            ])
            let signs = try #require(await settler.returned.first { _ in true })
            #expect(signs.map(\.laneID) == [lane])
            marks.lower(signs)
            let again = try await claimer.claim([ClaimWant(laneID: lane, priority: .normal, recipients: 5)])
            #expect(again.answers[0].entries.map(\.id) == [calls[1].entry])
            let back = try await claimer.returnForgotten(known: [])
            #expect(back.map(\.rows) == [.more(3)] && back[0].first != nil)
            let all = try await claimer.claim([ClaimWant(laneID: lane, priority: .normal, recipients: 5)])
            #expect(all.answers[0].entries.count == 3)
        }
    }

    @Test("Promotion and expiry begin behind what they have taken")
    func dueEntries() async throws {
        try await withOldSnapshot { pool, world in
            let lane = try world.lane("apa", "AT")
            for table in ["deferred", "expiry"] {
                _ = try await pool.query(
                    """
                    INSERT INTO \(raw: table) (lane_id, \(raw: table == "expiry" ? "expires_at" : "due_at"), id, priority
                                               \(raw: table == "expiry" ? "" : ", recipients, reason"))
                    SELECT \(lane), now() - interval '1 hour', new_id(), 1 \(raw: table == "expiry" ? "" : ", 1, 0")
                    FROM generate_series(1, 6000)
                    """
                )
                _ = try await pool.query("ANALYZE \(raw: table)")
            }
            let promoter = Promoter(pool: pool)
            while try await promoter.promote().hasMore {}
            let sweep = ExpirySweep(pool: pool)
            while try await sweep.sweep() == ExpirySweep.batch {}
            #expect(try await world.count("deferred") == 0)
            #expect(try await world.count("expiry") == 0)
            // Their entries' rows are not there, so nothing was promoted but the entries.
            let marks = promoter.marks.begin().marks
            #expect(marks.map(\.key) == [lane])
            let promotion = try await pool.buffers(Promoter.statement(marks))
            let whole = try await pool.buffers(Promoter.statement([]))
            #expect(promotion < 30, "\(promotion) buffers with the mark")
            #expect(whole > 3 * promotion, "\(whole) buffers without")
            let mark = try #require(sweep.marks.begin().marks.first)
            let expiry = try await pool.buffers(ExpirySweep.statement(mark))
            let all = try await pool.buffers(ExpirySweep.statement(nil))
            #expect(expiry < 30, "\(expiry) buffers with the mark")
            #expect(all > 3 * expiry, "\(all) buffers without")
        }
    }

    @Test("Many broadcasts that expire at once are ended in bounded statements, and none is left")
    func manyExpired() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let lane = try world.lane("apa", "AT")
            _ = try await pool.query(
                """
                WITH m AS MATERIALIZED (SELECT message_of(new_id()) AS id FROM generate_series(1, 20)), e AS (
                    INSERT INTO expiry (expires_at, id, lane_id, priority)
                    SELECT now() - interval '1 hour', id, \(lane), 1 FROM m
                )
                INSERT INTO ready (lane_id, priority, id, recipients)
                SELECT \(lane), 1, (left(m.id::text, 32) || lpad(to_hex(n), 4, '0'))::uuid, 1
                FROM m CROSS JOIN generate_series(1, 600) AS n
                """
            )
            let sweep = ExpirySweep(pool: pool)
            var left = 12_000
            while left > 0 {
                _ = try await sweep.sweep()
                let now = try await world.count("ready")
                #expect(now < left && left - now <= Int(ExpirySweep.entries) + 1000)
                guard now < left else { break }
                left = now
            }
            #expect(try await world.count("expiry") == 0)
        }
    }
}

extension PostgresUUID {
    static let start = PostgresUUID(high: 0, low: 0)
}

/// Runs a test beside a transaction whose snapshot is older than all that the test does.
func withOldSnapshot(_ body: (PostgresPool, World) async throws -> Void) async throws {
    try await withDatabase { pool in
        let world = try await World(pool)
        try await pool.withTransaction(isolation: .repeatableRead) { old in
            _ = try await old.query("SET LOCAL idle_in_transaction_session_timeout = 0")
            _ = try await old.query("SELECT count(*) FROM ready")
            try await body(pool, world)
        }
    }
}

extension World {
    func claimer(_ marks: QueueMarks) throws -> Claimer {
        Claimer(pool: pool, accountID: try account.id, node: node, epoch: epoch, marks: marks)
    }

    /// Puts entries into a queue whose rows do not exist.
    func fill(_ lane: Int32, _ entries: Int) async throws {
        _ = try await pool.query(
            """
            INSERT INTO ready (lane_id, priority, id, recipients)
            SELECT \(lane), 1, new_id(), 1 FROM generate_series(1, \(Int32(entries)))
            """
        )
        _ = try await pool.query("ANALYZE ready")
    }
}

extension PostgresPool {
    /// Runs a statement; returns how many pages it has looked at.
    func buffers(_ statement: SQL) async throws -> Int {
        let plan = try await query("EXPLAIN (ANALYZE, BUFFERS) \(statement)").decode(String.self)
        let line = try #require(plan.first { $0.contains("Buffers: shared") })
        return line.matches(of: #/(?:hit|read)=(?<pages>\d+)/#).reduce(0) { $0 + (Int($1.output.pages) ?? 0) }
    }
}
