import Foundation
import Logging
import Outbound
import Outbox
import Postgres
import Signing
import Synchronization
import Testing

@testable import Webhooks

struct WebhookDeliveryTests {
    private struct Attempt: Decodable {
        let at: String
        let status_code: Int?
        let duration_ms: Int
        let error: String?
    }

    private func attempts(_ world: WebhookWorld) async throws -> [[Attempt]] {
        try await world.pool.query("SELECT attempts::text FROM webhook_delivery ORDER BY id").decode(String.self)
            .map { try JSONDecoder().decode([Attempt].self, from: Data($0.utf8)) }
    }

    private func settled(_ world: WebhookWorld, _ status: DeliveryStatus, _ count: Int = 1) async throws {
        try await world.eventually("\(count) deliveries never became \(status)") {
            try await world.count("webhook_delivery", "status = \(status.rawValue)") >= count
        }
    }

    @Test func aDeliveryIsASignedPost() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, _ in .status(200, body: String(repeating: "x", count: 40_000)) }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            try await world.withNode {
                let ids = try await world.publish(1)
                try await settled(world, .delivered)
                let request = try #require(receiver.requests.first)
                #expect(request.id == ids[0])
                #expect(request.target == "/hook")
                #expect(request.headers["content-type"] == "application/json")
                #expect(request.headers["user-agent"] == "Sluice-Webhooks/1")
                #expect(request.body.hasPrefix(#"{"type":"email.queued","timestamp":""#))
                let timestamp = try #require(request.headers["webhook-timestamp"].flatMap { Int64($0) })
                #expect(abs(Date().timeIntervalSince1970 - Double(timestamp)) < 60)
                #expect(
                    request.headers["webhook-signature"]
                        == StandardWebhook.sign(
                            id: ids[0],
                            timestamp: timestamp,
                            body: Array(request.body.utf8),
                            secret: world.secret
                        )
                )
            }
            receiver.stop()
            let log = try await attempts(world)
            #expect(log.map { $0.map(\.status_code) } == [[200]])
            #expect(try await world.count("webhook_queue") == 0)
        }
    }

    @Test func bothSecretsSignWhileOneIsRotated() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            let old = WebhookSecret.generate()
            _ = try await pool.query(
                "UPDATE webhook_endpoint SET old_secret = \(old.bytes), old_until = now() + interval '1 hour'"
            )
            try await world.withNode {
                try await world.publish(1)
                try await settled(world, .delivered)
                _ = try await pool.query("UPDATE webhook_endpoint SET old_until = now()")
                try await world.publish(1)
                try await settled(world, .delivered, 2)
            }
            receiver.stop()
            let requests = receiver.requests
            let secrets = [[world.secret, old], [world.secret]]
            for (request, secrets) in zip(requests, secrets) {
                let expected = StandardWebhook.header(
                    id: request.id,
                    timestamp: try #require(request.headers["webhook-timestamp"].flatMap { Int64($0) }),
                    body: Array(request.body.utf8),
                    secrets: secrets
                )
                #expect(request.headers["webhook-signature"] == expected)
            }
            #expect(requests.count == 2)
        }
    }

    /// What fails is tried again with the same id and body, by the schedule, and then logged as a whole.
    @Test(arguments: ["500", "302", "reset"])
    func aFailureIsTriedAgain(how: String) async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, before in
                if before > 0 { return .status(204) }
                switch how {
                case "500": return .status(500)
                case "302": return .status(302, ["Location": "http://127.0.0.1:1/"])
                default: return .reset
                }
            }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            try await world.withNode {
                try await world.publish(1)
                try await world.eventually("never failed") {
                    try await world.count("webhook_endpoint", "failures = 1 AND failing_since IS NOT NULL") == 1
                }
                let delay = try await pool.query(
                    "SELECT extract(epoch FROM due_at - now())::float8 FROM webhook_queue WHERE attempt = 1"
                ).decode(Double.self)
                #expect(delay.allSatisfy { $0 < 5.6 } && delay.count == 1)
                try await settled(world, .delivered)
            }
            receiver.stop()
            #expect(receiver.requests.count == 2)
            #expect(Set(receiver.ids).count == 1)
            #expect(Set(receiver.requests.map(\.body)).count == 1)
            let log = try await attempts(world)
            #expect(log[0].map(\.status_code) == [how == "reset" ? nil : Int(how), 204])
            #expect(log[0].map(\.error) == [how == "reset" ? "connection_reset" : nil, nil])
            #expect(try await world.count("webhook_endpoint", "failures = 0 AND failing_since IS NULL") == 1)
        }
    }

    /// A receiver that answers "gone" is left alone from then on, and its tenant is told.
    @Test func goneDisables() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, _ in .status(410) }
            let world = try await WebhookWorld(pool)
            let endpoint = try await world.endpoint(receiver.url)
            try await world.publish(20)
            try await world.withNode {
                try await world.eventually("never disabled") {
                    try await world.count("webhook_endpoint", "status = 'disabled' AND disabled_reason = 'gone'") == 1
                }
                try await world.eventually("queue not emptied") { try await world.count("webhook_queue") == 0 }
            }
            receiver.stop()
            #expect(receiver.requests.count <= Bulkhead.slots)
            #expect(try await world.count("webhook_delivery", "status IN (2, 3)") == 20)
            let notices = try await pool.query(
                "SELECT data::text FROM event WHERE type = 'webhook.disabled'"
            ).decode(String.self)
            #expect(notices.count == 1)
            let data = try #require(
                try JSONSerialization.jsonObject(with: Data(notices[0].utf8)) as? [String: String]
            )
            #expect(data["endpoint_id"] == endpoint)
            #expect(data["host"] == "127.0.0.1:\(receiver.port)")
            #expect(data["reason"] == "gone")
            #expect(Set(data.keys) == ["endpoint_id", "host", "reason", "disabled_at", "missed_since"])
            // From there a replay brings even the first one, to which it said so.
            let missed = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(data["missed_since"] ?? "")
            let bound = try await pool.query("SELECT count(*) FROM feed WHERE at < \(missed)").decode(Int.self)
            #expect(bound == [0])
            #expect(try await world.count("audit", "action = 'webhook.disabled'") == 1)
        }
    }

    /// It takes both: five days, and ten failures.
    @Test(arguments: [(9, 6.0, true), (9, 4.9, false), (3, 6.0, false)])
    func failingForDaysDisables(failures: Int, days: Double, isDisabled: Bool) async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, _ in .status(500) }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            _ = try await pool.query(
                """
                UPDATE webhook_endpoint SET failures = \(Int32(failures)),
                    failing_since = now() - \(days) * interval '1 day'
                """
            )
            try await world.publish(1)
            try await world.withNode {
                try await world.eventually("no failure counted") {
                    try await world.count("webhook_endpoint", "failures = \(failures + 1)") == 1
                }
            }
            receiver.stop()
            #expect(try await world.count("webhook_endpoint", "disabled_reason = 'failing'") == (isDisabled ? 1 : 0))
            #expect(try await world.count("webhook_queue") == (isDisabled ? 0 : 1))
        }
    }

    @Test func aPauseHoldsTheWholeEndpoint() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, before in
                before == 0 ? .status(429, ["Retry-After": "3000"]) : .status(200)
            }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            let quick = try WebhookReceiver()
            _ = try await world.endpoint(quick.url)
            try await world.withNode {
                try await world.publish(1)
                try await world.eventually("never held") {
                    try await world.count("webhook_endpoint", "hold_until > now() + interval '2900 seconds'") == 1
                }
                try await world.publish(5)
                try await settled(world, .delivered, 6)
                #expect(receiver.requests.count == 1)
                _ = try await pool.query("UPDATE webhook_endpoint SET hold_until = now()")
                try await settled(world, .delivered, 11)
            }
            receiver.stop()
            quick.stop()
            // What was answered with the pause is due with it.
            #expect(try await world.count("webhook_queue", "due_at > now() + interval '2900 seconds'") == 1)
        }
    }

    /// After many failures, successes bring back what would have waited for hours.
    @Test func successRevives() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            try await world.publish(20)
            _ = try await FanOut(pool: pool, logger: Logger(label: "test")).pass()
            _ = try await pool.query("UPDATE webhook_queue SET due_at = now() + interval '5 hours', attempt = 5")
            _ = try await pool.query(
                "UPDATE webhook_endpoint SET failures = 50, failing_since = now() - interval '1 day'"
            )
            try await world.withNode {
                try await world.publish(DeliveryPolicy.successesToRevive)
                try await settled(world, .delivered, 20 + DeliveryPolicy.successesToRevive)
            }
            receiver.stop()
            #expect(Set(receiver.ids).count == 20 + DeliveryPolicy.successesToRevive)
        }
    }

    @Test func theLastAttemptFails() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver { _, _ in .status(503, ["Retry-After": "soon"]) }
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            try await world.publish(1)
            _ = try await FanOut(pool: pool, logger: Logger(label: "test")).pass()
            _ = try await pool.query("UPDATE webhook_queue SET attempt = 9")
            try await world.withNode { try await settled(world, .failed) }
            receiver.stop()
            #expect(try await world.count("webhook_queue") == 0)
            #expect(receiver.requests.count == 1)
        }
    }

    /// Neither a private address nor plain HTTP is sent to unless the operator says so, however the tenant spells it.
    @Test func privateAddressesAreRefused() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint("http://localhost:\(receiver.port)/")
            try await world.publish(1)
            try await world.withNode(egress: EgressPolicy()) {
                try await world.eventually("never tried") { try await world.count("webhook_queue", "attempt = 1") == 1 }
            }
            try await world.makeAllDue()
            try await world.withNode(allowsHTTP: false) {
                try await world.eventually("never tried again") {
                    try await world.count("webhook_queue", "attempt = 2") == 1
                }
            }
            receiver.stop()
            #expect(receiver.requests.isEmpty)
            let log = try await attempts(world)
            #expect(log[0].map(\.error) == ["address_refused", "http_not_allowed"])
        }
    }

    @Test func anEventThatRetentionDroppedIsDiscarded() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url)
            try await world.publish(1)
            _ = try await FanOut(pool: pool, logger: Logger(label: "test")).pass()
            _ = try await pool.query("DELETE FROM outbox")
            _ = try await pool.query("DELETE FROM message")
            try await world.withNode { try await settled(world, .discarded) }
            receiver.stop()
            #expect(receiver.requests.isEmpty)
            #expect(try await world.count("webhook_queue") == 0)
        }
    }

    @Test func replaysWaitForLiveOnes() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            let old = try await world.publish(5)
            let endpoint = try await world.endpoint(receiver.url)
            _ = try await pool.query(
                """
                INSERT INTO webhook_replay (id, endpoint_id, cursor_seq, cursor_at, last_seq)
                VALUES (gen_random_uuid(), \(endpoint)::uuid, 0, 'epoch', 5)
                """
            )
            let fanOut = FanOut(pool: pool, logger: Logger(label: "test"))
            _ = try await fanOut.passReplays()
            let live = try await world.publish(30)
            _ = try await fanOut.pass()
            try await world.withNode(fansOut: false) { try await settled(world, .delivered, 35) }
            receiver.stop()
            #expect(Set(receiver.ids.prefix(30)) == Set(live))
            // One by one, in order, and slowly: five need more than a fifth of a second.
            #expect(Array(receiver.ids.suffix(5)) == old)
            let times = receiver.requests.suffix(5).map(\.at)
            #expect(times[4] - times[0] >= .milliseconds(200))
        }
    }

    @Test func aRateIsKept() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            _ = try await world.endpoint(receiver.url, maxRate: 10)
            try await world.publish(25)
            try await world.withNode { try await settled(world, .delivered, 25) }
            receiver.stop()
            let times = receiver.requests.map(\.at)
            // The node's pace; the way to the receiver may press requests together by a little.
            let most = times.indices.map { first in
                times[first...].prefix { $0 < times[first] + .milliseconds(900) }.count
            }.max()
            #expect(try #require(most) <= 12)
        }
    }
}
