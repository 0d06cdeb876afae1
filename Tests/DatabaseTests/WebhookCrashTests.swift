import Foundation
import Logging
import Outbound
import Outbox
import Postgres
import Synchronization
import Testing

@testable import Webhooks

/// At least once, with one id, whatever becomes of nodes; and nobody waits for another's endpoint.
struct WebhookCrashTests {
    /// A node dies between claim and request; another between answer and result.
    @Test func whatADeadNodeClaimedComesBack() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            let ids = try await world.publish(40)
            _ = try await FanOut(pool: pool, logger: Logger(label: "test")).pass()
            let dead = try await DeliveryClaimer(pool: pool).claim([], slots: 8, free: 256)
            #expect(dead.count == 8)
            // Its claims are nobody else's until they run out.
            let others = try await DeliveryClaimer(pool: pool).claim([], slots: 40, free: 256)
            #expect(others.count == 32)
            #expect(Set(others.map(\.id)).isDisjoint(with: dead.map(\.id)))
            try await world.makeAllDue()
            try await world.withNode {
                try await world.eventually("not all delivered") {
                    try await world.count("webhook_delivery", "status = 1") == 40
                }
            }
            // The dead node was only slow, and writes what it found: a failure changes nothing, as nothing is its own now.
            let store = ResultStore(pool: pool, disabler: EndpointDisabler(notices: NoticeStore(pool: pool)))
            _ = try await store.write(
                dead.map {
                    DeliveryResult(
                        delivery: $0,
                        at: Date(),
                        duration: .zero,
                        answer: .failure("timeout"),
                        verdict: .retry(after: .seconds(5), hold: nil)
                    )
                }
            )
            receiver.stop()
            #expect(Set(receiver.ids) == Set(ids))
            #expect(try await world.count("webhook_delivery", "status = 1") == 40)
            #expect(try await world.count("webhook_queue") == 0)
        }
    }

    /// The process is killed with requests under way, some of them answered.
    @Test func everyEventArrivesDespiteAKill() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, before in
                before % 10 == 9 ? .hang(.milliseconds(200)) : .status(200)
            }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            let ids = try await world.publish(300)
            for _ in 0..<3 {
                let before = receiver.requests.count
                await #expect(throws: Killed.self) {
                    try await world.withNode {
                        try await world.eventually("nothing is sent") { receiver.requests.count > before + 20 }
                        throw Killed()
                    }
                }
                try await world.makeAllDue()
            }
            try await world.withNode {
                try await world.eventually("not all delivered") {
                    try await world.count("webhook_delivery", "status = 1") == 300
                }
            }
            receiver.stop()
            #expect(Set(receiver.ids) == Set(ids))
            for (_, same) in Dictionary(grouping: receiver.requests, by: \.id) {
                #expect(Set(same.map(\.body)).count == 1)
            }
            #expect(try await world.count("webhook_delivery") == 300)
        }
    }

    private struct Killed: Error {}

    @Test func twoNodesDeliverEachOnce() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            for _ in 0..<5 { _ = try await world.endpoint(receiver.url) }
            try await world.withNode {
                try await world.withNode {
                    let ids = try await world.publish(200)
                    try await world.eventually("not all delivered") {
                        try await world.count("webhook_delivery", "status = 1") == 1000
                    }
                    let times = Dictionary(grouping: receiver.ids, by: \.self).mapValues(\.count)
                    #expect(Set(times.keys) == Set(ids))
                    #expect(times.values.allSatisfy { $0 == 5 })
                }
            }
            receiver.stop()
        }
    }

    /// A stop waits for the answer under way, and writes it.
    @Test func aStopWaitsForAnswers() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, _ in .hang(.seconds(1)) }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            try await world.publish(1)
            try await world.withNode {
                try await world.eventually("never sent") { receiver.requests.count == 1 }
            }
            receiver.stop()
            #expect(try await world.count("webhook_delivery", "status = 1") == 1)
            #expect(try await world.count("webhook_queue") == 0)
        }
    }

    /// A stop does not wait for a receiver that hangs, and what it was to get is due at once.
    @Test func aStopGivesUpWhatHangs() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, _ in .hang(.seconds(15)) }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            try await world.publish(1)
            try await world.withNode {
                try await world.eventually("never sent") { receiver.requests.count == 1 }
            }
            receiver.stop()
            #expect(try await world.count("webhook_queue", "attempt = 0 AND due_at <= now()") == 1)
            #expect(try await world.count("webhook_endpoint", "failures = 0") == 1)
        }
    }

    /// The events cannot be read for a moment: what was claimed does not wait until the claim runs out.
    @Test func claimsAreGivenBack() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            try await world.publish(3)
            _ = try await FanOut(pool: pool, logger: Logger(label: "test")).pass()
            _ = try await pool.query("ALTER TABLE message RENAME TO away")
            try await world.withNode(fansOut: false) {
                try await world.eventually("never claimed") {
                    try await world.count("pg_stat_user_tables", "relname = 'webhook_queue' AND n_tup_upd > 5") == 1
                }
                _ = try await pool.query("ALTER TABLE away RENAME TO message")
                try await world.eventually("claims are kept", within: .seconds(30)) { receiver.requests.count == 3 }
            }
            receiver.stop()
        }
    }

    /// One endpoint answers after 15 s. The others get theirs within a bound that one slot in its hands would break.
    @Test func anEndpointThatHangsDelaysNobody() async throws {
        try await withDatabase { pool in
            let quick = try WebhookReceiver()
            let hanging = try WebhookReceiver { _, _ in .hang(.seconds(15)) }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(hanging.url)
            for number in 0..<20 { _ = try await world.endpoint("\(quick.url)/\(number)") }
            await #expect(throws: Killed.self) {
                try await world.withNode {
                    let began = ContinuousClock.now
                    try await world.publish(30)
                    try await world.eventually("the hanging endpoint is not asked") {
                        hanging.requests.count >= Bulkhead.slots
                    }
                    try await world.eventually("the quick ones wait", within: .seconds(12)) {
                        quick.requests.count == 600
                    }
                    #expect(ContinuousClock.now - began < .seconds(12))
                    #expect(hanging.requests.count == Bulkhead.slots)
                    throw Killed()
                }
            }
            quick.stop()
            hanging.stop()
        }
    }

    /// When slots are short, an endpoint's id decides nothing.
    @Test func whoHasWaitedLongestGoesFirst() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            for number in 0..<6 { _ = try await world.endpoint("https://\(number).example/") }
            _ = try await pool.query(
                """
                INSERT INTO webhook_queue (endpoint_id, replay, due_at, delivery_id)
                SELECT id, false, now() - row_number() OVER (ORDER BY id) * interval '1 minute', gen_random_uuid()
                FROM webhook_endpoint
                """
            )
            let order = try await pool.query("SELECT id FROM webhook_endpoint ORDER BY id DESC").decode(
                PostgresUUID.self
            )
            var taken: [PostgresUUID] = []
            for _ in order {
                taken += try await DeliveryClaimer(pool: pool).claim([], slots: 8, free: 1).map(\.endpointID)
            }
            #expect(taken == order)
        }
    }

    /// Each live node that sends webhooks keeps its part of a rate.
    @Test(arguments: [(0, 30), (1, 30), (3, 10), (40, 1)])
    func nodesShareARate(nodes: Int, rate: Int) async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint("https://a.example/", maxRate: 30)
            _ = try await pool.query(
                """
                INSERT INTO lease (node, epoch, roles, state)
                SELECT 'n' || n, n, '{gateway,webhooks}', 'live' FROM generate_series(1, \(Int32(nodes))) AS n
                UNION ALL VALUES ('dead', 1, '{webhooks}'::text[], 'retired'), ('other', 1, '{dispatch}', 'live')
                """
            )
            try await world.publish(1)
            _ = try await FanOut(pool: pool, logger: Logger(label: "test")).pass()
            let claimed = try await DeliveryClaimer(pool: pool).claim([], slots: 8, free: 1)
            #expect(claimed.map(\.maxRate) == [rate])
        }
    }

    /// Endpoints that are down, with nothing but retries hours from now, are not even looked at by a claim.
    @Test func whatIsParkedCostsClaimsNothing() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            for number in 0..<50 { _ = try await world.endpoint("https://\(number).example/") }
            _ = try await pool.query(
                """
                INSERT INTO webhook_queue (endpoint_id, replay, due_at, delivery_id, parked)
                SELECT e.id, false, now() + interval '5 hours', gen_random_uuid(), true
                FROM webhook_endpoint AS e CROSS JOIN generate_series(1, 400)
                """
            )
            _ = try await pool.query("ANALYZE webhook_queue")
            let claimer = DeliveryClaimer(pool: pool)
            let statement = claimer.statement([], slots: 8, free: 256)
            let plan = try await pool.query("EXPLAIN (ANALYZE) \(statement)").decode(String.self)
            #expect(plan.contains { $0.contains("webhook_queue_claimable") })
            // Once it is due, it is found.
            _ = try await pool.query(
                "UPDATE webhook_queue SET due_at = now() WHERE endpoint_id IN (SELECT id FROM webhook_endpoint LIMIT 2)"
            )
            #expect(try await claimer.claim([], slots: 8, free: 256).isEmpty)
            try await claimer.unpark()
            #expect(try await claimer.claim([], slots: 8, free: 256).count == 16)
        }
    }

    /// Index scans only, whatever waits: a queue of many endpoints, most of it not due.
    @Test func theClaimReadsWhatItTakes() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            for number in 0..<50 { _ = try await world.endpoint("https://\(number).example/") }
            _ = try await pool.query(
                """
                INSERT INTO webhook_queue (endpoint_id, replay, due_at, delivery_id)
                SELECT e.id, n % 5 = 0, now() + (n - 20) * interval '1 minute', gen_random_uuid()
                FROM webhook_endpoint AS e CROSS JOIN generate_series(1, 400) AS n
                """
            )
            _ = try await pool.query("ANALYZE webhook_queue")
            let statement = DeliveryClaimer(pool: pool).statement([], slots: 8, free: 256)
            let plan = try await pool.query("EXPLAIN (ANALYZE, BUFFERS) \(statement)").decode(String.self)
            #expect(!plan.contains { $0.contains("Seq Scan on webhook_queue") })
            let removed = plan.compactMap { $0.firstMatch(of: #/Rows Removed by Filter: (\d+)/#).flatMap { Int($0.1) } }
            #expect(removed.allSatisfy { $0 < 100 }, "\(plan.joined(separator: "\n"))")
        }
    }
}
