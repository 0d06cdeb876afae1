import Foundation
import Gateway
import Testing

@testable import Webhooks

/// The log of a webhook, and asking for deliveries again.
@Suite(.timeLimit(.minutes(5))) struct DeliveryRouteTests {
    private static let path = "/webhooks/\(WebhookRouteTests.id(1))"

    private static func delivery(_ number: Int, _ status: DeliveryStatus, type: String = "email.sent")
        -> WebhookDelivery
    {
        WebhookDelivery(
            id: TestWebhooks.id(number),
            eventID: TestWebhooks.id(100 + number),
            type: type,
            messageID: number == 1 ? nil : "m\(number)",
            isReplay: number == 2,
            status: status,
            nextAttemptAt: status == .pending ? Date(timeIntervalSince1970: 1_700_000_000) : nil,
            attempts: #"[{"at": "x", "status_code": 500, "duration_ms": 12, "error": null}]"#
        )
    }

    private static func run(_ body: (TestGateway) async throws -> Void) async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.json("POST", "/webhooks", #"{"url": "https://a.example/"}"#)
            gateway.webhooks.set {
                $0.deliveries = [
                    delivery(5, .pending), delivery(4, .failed, type: "email.bounced"), delivery(3, .delivered),
                    delivery(2, .delivered), delivery(1, .discarded, type: "webhook.disabled"),
                ]
            }
            try await body(gateway)
        }
    }

    private static func numbers(_ answer: TestAnswer) -> [Int] {
        (answer.json["data"] as? [[String: Any]] ?? []).compactMap { item in
            (item["id"] as? String).flatMap { Int($0.suffix(12), radix: 16) }
        }
    }

    @Test func showsEachAttempt() async throws {
        try await Self.run { gateway in
            let one = try await gateway.request("GET", "\(Self.path)/deliveries/\(WebhookRouteTests.id(5))")
            #expect(one.status == 200)
            #expect(
                one.body
                    == #"{"id":"\#(WebhookRouteTests.id(5))","event_id":"\#(WebhookRouteTests.id(105))","#
                    + #""type":"email.sent","message_id":"m5","replay":false,"status":"pending","#
                    + #""created_at":"2024-04-21T09:32:31.104Z","next_attempt_at":"2023-11-14T22:13:20.000Z","#
                    + #""attempts":[{"at": "x", "status_code": 500, "duration_ms": 12, "error": null}]}"#
            )
            #expect(
                try await gateway.request("GET", "\(Self.path)/deliveries/\(WebhookRouteTests.id(6))").status == 404
            )
            #expect(try await gateway.request("GET", "\(Self.path)/deliveries/x").status == 404)
        }
    }

    @Test func comesByPagesAndFilters() async throws {
        try await Self.run { gateway in
            func numbers(_ query: String) async throws -> [Int] {
                Self.numbers(try await gateway.request("GET", "\(Self.path)/deliveries\(query)"))
            }
            #expect(try await numbers("") == [5, 4, 3, 2, 1])
            #expect(try await numbers("?limit=2") == [5, 4])
            #expect(try await numbers("?limit=2&after=\(WebhookRouteTests.id(4))") == [3, 2])
            #expect(try await numbers("?limit=2&before=\(WebhookRouteTests.id(1))") == [3, 2])
            #expect(try await numbers("?status=delivered") == [3, 2])
            #expect(try await numbers("?type=email.bounced&status=failed") == [4])
            for query in ["status=sent", "status=", "state=failed", "limit=0", "type=x", "type=email.sen", "type="] {
                let answer = try await gateway.request("GET", "\(Self.path)/deliveries?\(query)")
                #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
            }
        }
    }

    /// A filter may pass nothing of what one call looks at; the answer says where to look on.
    @Test func saysWhereToGoOn() async throws {
        try await Self.run { gateway in
            let path = "\(Self.path)/deliveries"
            #expect(try await gateway.request("GET", path).json["next"] == nil)
            let first = try await gateway.request("GET", "\(path)?limit=2")
            #expect(first.json["next"] as? String == WebhookRouteTests.id(4))
            let back = try await gateway.request("GET", "\(path)?limit=2&before=\(WebhookRouteTests.id(1))")
            #expect(back.json["next"] as? String == WebhookRouteTests.id(3))
            gateway.webhooks.set { $0.edge = TestWebhooks.id(1) }
            let none = try await gateway.request("GET", "\(path)?type=webhook.test")
            #expect(none.body == #"{"data":[],"has_more":true,"next":"\#(WebhookRouteTests.id(1))"}"#)
            let some = try await gateway.request("GET", "\(path)?status=failed&limit=1")
            #expect(Self.numbers(some) == [4] && some.json["next"] as? String == WebhookRouteTests.id(1))
        }
    }

    @Test func replaysOneOrATime() async throws {
        try await Self.run { gateway in
            let one = try await gateway.json(
                "POST",
                Self.path + "/replay",
                #"{"delivery": "\#(WebhookRouteTests.id(4))"}"#
            )
            #expect(one.status == 202)
            #expect(one.body == #"{"delivery":"\#(WebhookRouteTests.id(902))"}"#)
            let window = try await gateway.json(
                "POST",
                Self.path + "/replay",
                #"{"from": "1970-01-01T00:01:00Z", "to": "1970-01-01T01:02:00+01:00"}"#
            )
            #expect(window.status == 202)
            #expect(window.body == #"{"replay":"\#(WebhookRouteTests.id(903))","events":12}"#)
            #expect(
                gateway.webhooks.calls.suffix(2) == ["replay \(WebhookRouteTests.id(4))", "replay 60 120"]
            )
            let start = Int(Date().timeIntervalSince1970)
            _ = try await gateway.json("POST", Self.path + "/replay", #"{"from": "1970-01-01T00:01:00Z"}"#)
            let last = try #require(gateway.webhooks.calls.last?.split(separator: " ").last.flatMap { Int($0) })
            #expect((start...start + 120).contains(last), "without an end it goes up to now")
        }
    }

    @Test(arguments: [
        (#"{}"#, "/from"), (#"{"to": "2026-01-01T00:00:00Z"}"#, "/from"), (#"{"delivery": "x"}"#, "/delivery"),
        (#"{"delivery": "018f0000-0000-7000-8000-000000000004", "from": "2026-01-01T00:00:00Z"}"#, "/delivery"),
        (#"{"from": "yesterday"}"#, "/from"), (#"{"from": "2026-01-01T00:00:00Z", "to": "x"}"#, "/to"),
        (#"{"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}"#, "/from"),
        (#"{"from": "2999-01-01T00:00:00Z"}"#, "/from"), (#"{"since": "2026-01-01T00:00:00Z"}"#, "/since"),
    ])
    func refusesWithThePlace(_ body: String, _ pointer: String) async throws {
        try await Self.run { gateway in
            let answer = try await gateway.json("POST", Self.path + "/replay", body)
            #expect(answer.status == 422 && answer.code == "invalid_webhook")
            #expect(answer.pointers == [pointer])
        }
    }
}
