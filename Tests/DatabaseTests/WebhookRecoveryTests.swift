import Foundation
import Logging
import Outbox
import Postgres
import Testing

@testable import Webhooks

/// What is parked until a retry, and how an endpoint comes back.
struct WebhookRecoveryTests {
    private func fanOut(_ world: WebhookWorld) -> FanOut {
        FanOut(pool: world.pool, logger: Logger(label: "test"))
    }

    /// Queues `count` deliveries that were tried `attempt` times and wait for five hours.
    private func park(_ count: Int, attempt: Int16 = 5, for endpoint: String, _ world: WebhookWorld) async throws {
        let tenantID = try world.tenantID("apa")
        _ = try await world.pool.query(
            """
            WITH made AS (
                INSERT INTO webhook_delivery (id, endpoint_id, tenant_id, event_id, type, outbox_id, identity)
                SELECT new_id(), \(endpoint)::uuid, \(tenantID), new_id(), 'email.sent', new_id(), 'x'
                FROM generate_series(1, \(Int32(count))) RETURNING id
            )
            INSERT INTO webhook_queue (endpoint_id, replay, due_at, delivery_id, attempt)
            SELECT \(endpoint)::uuid, false, now() + interval '5 hours', id, \(attempt) FROM made
            """
        )
    }

    private func isDown(_ endpoint: String, _ world: WebhookWorld) async throws {
        _ = try await world.pool.query(
            """
            UPDATE webhook_endpoint SET failures = 40, failing_since = now() - interval '20 minutes'
            WHERE id = \(endpoint)::uuid
            """
        )
    }

    private func due(_ world: WebhookWorld) async throws -> Int {
        try await world.count("webhook_queue", "due_at < now() + interval '1 minute'")
    }

    /// A handler that fails for some events keeps getting the others, however many retries wait.
    @Test func whatIsParkedTakesNoRoom() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            try await park(FanOutStore.window + 100, for: endpoint, world)
            try await world.publish(3)
            _ = try await fanOut(world).pass()
            #expect(try await due(world) == 3)
        }
    }

    /// One that is down gets one new event now and then, to find out.
    @Test func aNewEventProbesWhoIsDown() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            try await park(FanOutStore.window, for: endpoint, world)
            try await isDown(endpoint, world)
            try await world.publish(5)
            for _ in 0..<3 { _ = try await fanOut(world).pass() }
            #expect(try await due(world) == 1)
            // Failed and parked, too; a tenth of the time for which it has failed is the pause.
            _ = try await pool.query("UPDATE webhook_queue SET due_at = now() + interval '5 hours'")
            #expect(try await fanOut(world).pass().moved.isEmpty)
            #expect(
                try await world.count("webhook_endpoint", "probe_at BETWEEN now() + '110 s' AND now() + '121 s'") == 1
            )
            _ = try await pool.query("UPDATE webhook_endpoint SET probe_at = now()")
            _ = try await fanOut(world).pass()
            #expect(try await due(world) == 1)
            // A success lets the others in.
            _ = try await pool.query("UPDATE webhook_endpoint SET failures = 0")
            _ = try await fanOut(world).pass()
            #expect(try await due(world) == 4)
        }
    }

    /// The database's clock ran ahead while they were queued, and was put right.
    @Test func whatAClockPutOffIsBroughtBack() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            try await world.publish(3)
            _ = try await fanOut(world).pass()
            _ = try await pool.query("UPDATE webhook_queue SET due_at = now() + interval '1 hour'")
            try await park(2, for: endpoint, world)
            try await world.publish(1)
            _ = try await fanOut(world).pass()
            let claimer = DeliveryClaimer(pool: pool)
            #expect(try await claimer.claim([], slots: 10, free: 10).count == 1)
            try await claimer.bringBack()
            #expect(try await claimer.claim([], slots: 10, free: 10).count == 3, "retries and claims keep their time")
        }
    }

    /// Where nothing happens, a parked delivery is the probe, and keeps its own time.
    @Test func aParkedDeliveryProbesWhoIsDown() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            try await park(20, for: endpoint, world)
            #expect(try await EndpointProbe(pool: pool).run() == 0, "it is well")
            try await isDown(endpoint, world)
            #expect(try await EndpointProbe(pool: pool).run() == 1)
            #expect(try await EndpointProbe(pool: pool).run() == 0)
            #expect(
                try await world.count("webhook_queue", "due_at <= now() AND scheduled_at > now() + interval '4 hours'")
                    == 1
            )
        }
    }

    /// It is down with a full queue, nothing of which is due for hours, and answers again: all arrives soon.
    @Test func whoIsBackGetsEverythingSoon() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint(receiver.url)
            let old = try await world.publish(20)
            _ = try await fanOut(world).pass()
            _ = try await pool.query("UPDATE webhook_queue SET due_at = now() + interval '1 hour', attempt = 9")
            try await park(FanOutStore.window, for: endpoint, world)
            try await isDown(endpoint, world)
            let new = try await world.publish(DeliveryPolicy.successesToRevive)
            try await world.withNode {
                try await world.eventually("not all delivered") {
                    let delivered = try await world.count("webhook_delivery", "status = 1")
                    return delivered == new.count + old.count
                }
            }
            receiver.stop()
            #expect(Set(receiver.ids) == Set(old + new))
        }
    }

    /// An attempt that was brought forward is never the last one before its time.
    @Test func anEarlyFailureChangesNoSchedule() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, _ in .status(500) }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            try await world.publish(1)
            _ = try await fanOut(world).pass()
            _ = try await pool.query("UPDATE webhook_queue SET attempt = 9, scheduled_at = now() + interval '5 hours'")
            try await world.withNode {
                try await world.eventually("never tried") {
                    try await world.count("webhook_endpoint", "failures = 1") == 1
                }
            }
            receiver.stop()
            #expect(receiver.requests.count == 1)
            #expect(
                try await world.count(
                    "webhook_queue",
                    "attempt = 9 AND scheduled_at IS NULL AND due_at > now() + interval '4 hours'"
                ) == 1
            )
            #expect(try await world.count("webhook_delivery", "jsonb_array_length(attempts) = 1") == 1)
        }
    }

    /// It takes several successes in a row, and ten minutes since the last time.
    @Test func brownoutsReviveNothing() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            try await world.publish(60)
            _ = try await fanOut(world).pass()
            try await park(20, for: endpoint, world)
            try await isDown(endpoint, world)
            let store = ResultStore(pool: pool, disabler: EndpointDisabler(notices: NoticeStore(pool: pool)))
            func answer(_ successes: [Bool]) async throws {
                for isSuccess in successes {
                    let claimed = try await DeliveryClaimer(pool: pool).claim([], slots: 1, free: 1)
                    let delivery = try #require(claimed.first)
                    let result = DeliveryResult(
                        delivery: delivery,
                        at: Date(),
                        duration: .zero,
                        answer: .status(isSuccess ? 200 : 500, retryAfter: nil),
                        verdict: isSuccess ? .delivered : .retry(after: .seconds(3600), hold: nil)
                    )
                    _ = try await store.write([result])
                }
            }
            func forward() async throws -> Int { try await world.count("webhook_queue", "scheduled_at IS NOT NULL") }
            let enough = [Bool](repeating: true, count: DeliveryPolicy.successesToRevive)
            try await answer(enough.dropLast() + [false] + enough.dropLast())
            #expect(try await forward() == 0)
            try await answer([true])
            #expect(try await forward() == 21)
            // Down again, and back, within minutes.
            _ = try await pool.query(
                "UPDATE webhook_queue SET due_at = now() + interval '5 hours', scheduled_at = NULL WHERE attempt > 0"
            )
            try await isDown(endpoint, world)
            try await answer(enough + enough)
            #expect(try await forward() == 0)
            _ = try await pool.query("UPDATE webhook_endpoint SET revived_at = now() - interval '11 minutes'")
            try await answer([true])
            #expect(try await forward() == 21)
            #expect(try await world.count("webhook_endpoint", "failures = 0 AND revive_after IS NULL") == 1)
        }
    }

    /// Storage is bounded: the oldest has failed, and a replay can bring it.
    @Test func tooManyParkedFail() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            try await park(30, for: endpoint, world)
            let oldest = try await pool.query("SELECT id::text FROM webhook_delivery").decode(String.self)
            try await park(QueueCensus.limit, for: endpoint, world)
            try await QueueCensus(pool: pool).run()
            #expect(try await world.count("webhook_queue") == QueueCensus.limit)
            let failed = try await pool.query("SELECT id::text FROM webhook_delivery WHERE status = 2").decode(
                String.self
            )
            #expect(Set(failed) == Set(oldest))
        }
    }

    /// A new URL is no part of the old one's trouble.
    @Test func aNewURLIsTriedAtOnce() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint("https://a.example/")
            try await park(20, for: endpoint, world)
            try await isDown(endpoint, world)
            _ = try await pool.query("UPDATE webhook_endpoint SET hold_until = now() + interval '1 hour'")
            let id = try #require(UUID(uuidString: endpoint))
            func change(_ change: EndpointChange) async throws {
                _ = try await EndpointStore(pool: pool).change(
                    id,
                    change,
                    tenantID: try world.tenantID("apa"),
                    actor: "k"
                )
            }
            try await change(EndpointChange(url: "https://a.example/", description: "x"))
            #expect(try await due(world) == 0)
            try await change(EndpointChange(url: "https://b.example/"))
            #expect(try await due(world) == 20)
            #expect(try await world.count("webhook_endpoint", "hold_until IS NULL AND probe_at IS NULL") == 1)
        }
    }
}
