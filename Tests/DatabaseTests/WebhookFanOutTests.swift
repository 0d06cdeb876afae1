import Foundation
import Logging
import Outbox
import Postgres
import Testing

@testable import Webhooks

struct WebhookFanOutTests {
    private func fanOut(_ world: WebhookWorld) -> FanOut {
        FanOut(pool: world.pool, logger: Logger(label: "test"))
    }

    private func queued(_ world: WebhookWorld, _ endpoint: String) async throws -> [String] {
        try await world.pool.query(
            """
            SELECT d.event_id::text FROM webhook_queue AS q JOIN webhook_delivery AS d ON d.id = q.delivery_id
            WHERE q.endpoint_id = \(endpoint)::uuid ORDER BY q.replay, q.due_at
            """
        ).decode(String.self)
    }

    @Test func eachEndpointGetsWhatItsFilterLetsThrough() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let all = try await world.endpoint("https://a.example/")
            let uk = try await world.endpoint("https://b.example/", filter: #"{"regions": ["UK"]}"#)
            let none = try await world.endpoint("https://c.example/", events: ["email.bounced"])
            let other = try await world.endpoint("https://d.example/", tenant: "standard")
            let at = try await world.publish(3)
            let britain = try await world.publish(2, region: "UK")
            let pass = try await fanOut(world).pass()
            #expect(pass.moved.count == 3)
            #expect(try await queued(world, all) == at + britain)
            #expect(try await queued(world, uk) == britain)
            #expect(try await queued(world, none) == [])
            #expect(try await queued(world, other) == [])
            // Nothing is behind any more.
            let second = try await fanOut(world).pass()
            #expect(second.moved.isEmpty)
            #expect(try await world.count("webhook_delivery") == 7)
            #expect(try await world.count("webhook_endpoint", "cursor_seq = 5") == 3)
        }
    }

    /// A dead endpoint's backlog stays in the feed.
    @Test func noMoreIsQueuedThanTheWindow() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            let ids = try await world.publish(FanOutStore.window + 150)
            for _ in 0..<5 { _ = try await fanOut(world).pass() }
            #expect(try await queued(world, endpoint) == Array(ids.prefix(FanOutStore.window)))
            #expect(try await world.count("webhook_delivery") == FanOutStore.window)
            // It goes on where it stopped.
            _ = try await pool.query("DELETE FROM webhook_queue")
            for _ in 0..<2 { _ = try await fanOut(world).pass() }
            #expect(try await queued(world, endpoint) == Array(ids.suffix(150)))
        }
    }

    /// Endpoints that answer, but slower than their events come, stand before the feed for hours with full queues.
    @Test func thoseWithoutRoomDelayNobody() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            for number in 0..<FanOutStore.cursors + 6 { _ = try await world.endpoint("https://\(number).example/") }
            try await world.publish(FanOutStore.window + 10)
            try await fillQueues(of: world, room: 10)
            let quick = try await world.endpoint("https://quick.example/", tenant: "standard")
            let ids = try await world.publish(3, tenant: "standard")
            var rests = FanOutRests()
            for _ in 0..<2 {
                let pass = try await fanOut(world).pass(except: rests.held(now: .now))
                rests.note(pass, now: .now)
            }
            #expect(try await queued(world, quick) == ids)
            // And with a room of ten nothing is read.
            #expect(try await world.count("webhook_endpoint", "cursor_seq = 0") == FanOutStore.cursors + 6)
        }
    }

    private func fillQueues(of world: WebhookWorld, room: Int) async throws {
        _ = try await world.pool.query(
            """
            INSERT INTO webhook_queue (endpoint_id, replay, due_at, delivery_id)
            SELECT e.id, false, now(), gen_random_uuid()
            FROM webhook_endpoint AS e CROSS JOIN generate_series(1, \(Int32(FanOutStore.window - room)))
            """
        )
    }

    /// Several nodes at once: each event once for each endpoint, in order.
    @Test func nodesShareTheWork() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            var endpoints: [String] = []
            for number in 0..<20 { endpoints.append(try await world.endpoint("https://\(number).example/")) }
            let ids = try await world.publish(200)
            try await withThrowingTaskGroup { group in
                for _ in 0..<3 {
                    group.addTask { for _ in 0..<6 { _ = try await fanOut(world).pass() } }
                }
                try await group.waitForAll()
            }
            for endpoint in endpoints { #expect(try await queued(world, endpoint) == ids) }
        }
    }

    @Test func droppedEventsArePassed() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            try await world.feed((0..<700).map { _ in (UUID().uuidString, "email.sent") })
            let ids = try await world.publish(2)
            for _ in 0..<3 { _ = try await fanOut(world).pass() }
            #expect(try await queued(world, endpoint) == ids)
        }
    }

    /// The feed itself was dropped up to its end.
    @Test func aDroppedFeedIsPassed() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            try await world.publish(5)
            _ = try await pool.query("DELETE FROM feed")
            _ = try await fanOut(world).pass()
            #expect(try await world.count("webhook_endpoint", "cursor_seq = 5") == 1)
            let ids = try await world.publish(1)
            _ = try await fanOut(world).pass()
            #expect(try await queued(world, endpoint) == ids)
        }
    }

    @Test func aReplayGoesBehindInItsOwnWindow() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let ids = try await world.publish(250)
            let endpoint = try await world.endpoint("https://a.example/")
            // Events 11 to 240 once more.
            _ = try await pool.query(
                """
                INSERT INTO webhook_replay (id, endpoint_id, cursor_seq, cursor_at, last_seq)
                VALUES (gen_random_uuid(), \(endpoint)::uuid, 10, 'epoch', 240)
                """
            )
            var replayed: [String] = []
            for _ in 0..<5 {
                while try await fanOut(world).passReplays() {}
                let queued = try await queued(world, endpoint)
                #expect(queued.count <= FanOutStore.replayWindow)
                replayed += queued
                _ = try await pool.query("DELETE FROM webhook_queue")
            }
            #expect(replayed == Array(ids[10..<240]))
            #expect(try await world.count("webhook_replay") == 0)
            #expect(try await world.count("webhook_delivery", "replay") == 230)
        }
    }

    /// Long replays of others always have some room; a short one is begun all the same.
    @Test func longReplaysMakeNoOtherWait() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            try await world.publish(400)
            let ids = try await world.publish(2, tenant: "standard")
            for number in 0..<FanOutStore.cursors { _ = try await world.endpoint("https://\(number).example/") }
            let short = try await world.endpoint("https://short.example/", tenant: "standard")
            _ = try await pool.query(
                """
                INSERT INTO webhook_replay (id, endpoint_id, cursor_seq, cursor_at, last_seq)
                SELECT gen_random_uuid(), id, 0, 'epoch', cursor_seq FROM webhook_endpoint WHERE id <> \(short)::uuid
                """
            )
            _ = try await fanOut(world).passReplays()
            #expect(try await world.count("webhook_queue") == FanOutStore.cursors * FanOutStore.replayWindow)
            // Each drains a little.
            _ = try await pool.query(
                """
                DELETE FROM webhook_queue WHERE (endpoint_id, delivery_id) IN (
                    SELECT endpoint_id, (array_agg(delivery_id))[1] FROM webhook_queue GROUP BY endpoint_id)
                """
            )
            _ = try await pool.query(
                """
                INSERT INTO webhook_replay (id, endpoint_id, cursor_seq, cursor_at, last_seq)
                SELECT 'ffffffff-ffff-7fff-bfff-ffffffffffff', \(short)::uuid, 0, 'epoch', 2
                """
            )
            _ = try await fanOut(world).passReplays()
            #expect(try await queued(world, short) == ids)
        }
    }

    @Test func theQueueOfADisabledEndpointIsDiscarded() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let off = try await world.endpoint("https://a.example/")
            let on = try await world.endpoint("https://b.example/")
            let ids = try await world.publish(3)
            _ = try await fanOut(world).pass()
            _ = try await pool.query("UPDATE webhook_endpoint SET status = 'disabled' WHERE id = \(off)::uuid")
            try await DiscardSweep(pool: pool).run()
            #expect(try await queued(world, off) == [])
            #expect(try await queued(world, on) == ids)
            #expect(try await world.count("webhook_delivery", "status = 3") == 3)
            try await world.publish(1)
            _ = try await fanOut(world).pass()
            #expect(try await queued(world, off) == [])
        }
    }
}
