import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox

extension SendingAgainTests {
    @Test("What is held after a restore is sent again as any other unknown outcome that is held")
    func restored() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE tenant SET unknown_policy = 'hold'")
            let message = try world.message()
            try await world.accept([message])
            let id = try #require(message.id.outbox(1))
            let restoration = Restoration(pool: pool)
            #expect(try await restoration.doubt(lostAt: Date(), grace: .seconds(7_200)).doubtful == 1)
            let again = Self.again(pool)
            #expect(try await again.send([id], actor: "admin").refused == [id: .undecided])
            #expect(try await restoration.decide() == 1)
            _ = try await Promoter(pool: pool).promote()
            #expect(try await again.send([id], actor: "admin").queued == [id])
            #expect(try await world.count("deferred") == 0)
            #expect(try await world.count("ready") == 1)
            #expect(try await world.statuses(message) == [.queued])
        }
    }

    @Test("What has no queue any more, because its account was removed, is not put into it")
    func laneGone() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, ids) = try await Self.failed(world)
            _ = try await pool.query("DELETE FROM lane WHERE id = \(message.laneID)")
            let answer = try await Self.again(pool).send(ids, actor: "admin")
            #expect(answer.queued.isEmpty && answer.refused == [ids[0]: .noLane])
            #expect(try await world.count("ready") == 0)
        }
    }

    @Test("Queue entries are locked before the rows that they name, as everybody does")
    func order() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let calls = try await world.claim(message.laneID, 1)
            try await world.settle(
                calls.map { Outcome(call: $0, result: .unknown(grace: .seconds(600), detail: "reset")) }
            )
            _ = try await pool.query("UPDATE deferred SET due_at = 'infinity'")
            let ids = calls.flatMap { $0.rows.map(\.id) }
            let again = Self.again(pool)
            try await withThrowingTaskGroup(of: SendingAgain.Answer.self) { group in
                try await pool.withTransaction { promoter in
                    _ = try await promoter.query("SELECT FROM deferred FOR UPDATE")
                    group.addTask { try await again.send(ids, actor: "admin") }
                    let waiting: SQL = """
                        SELECT FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """
                    while try await pool.query(waiting).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                    // It waits for the entry, so it has no row yet.
                    _ = try await promoter.query("SELECT FROM outbox FOR UPDATE NOWAIT")
                }
                #expect(try await group.next()?.queued == ids)
            }
        }
    }
}
