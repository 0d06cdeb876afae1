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
            #expect(pass.hasMoved)
            #expect(try await queued(world, all) == at + britain)
            #expect(try await queued(world, uk) == britain)
            #expect(try await queued(world, none) == [])
            #expect(try await queued(world, other) == [])
            // Nothing is behind any more.
            let second = try await fanOut(world).pass()
            #expect(!second.hasMoved)
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
