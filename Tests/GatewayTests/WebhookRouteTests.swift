import Foundation
import Gateway
import Logging
import Mail
import Testing

@testable import Webhooks

/// What tenants can do about their webhooks, and what they are told.
@Suite(.timeLimit(.minutes(5))) struct WebhookRouteTests {
    static func id(_ number: Int) -> String { TestWebhooks.id(number).uuidString.lowercased() }

    private static func ids(_ answer: TestAnswer) -> [String] {
        (answer.json["data"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    }

    @Test func isMadeAndShownWithoutItsSecret() async throws {
        try await TestGateway.run { gateway in
            let made = try await gateway.json(
                "POST",
                "/webhooks",
                #"{"url": "https://A.example/h?t=1", "description": "Orders", "events": ["email.bounced"],"#
                    + #""filter": {"from_domains": ["A.example"], "tags": {"k": "v"}}, "max_rate": 5}"#
            )
            #expect(made.status == 201)
            #expect(made.headers["location"] == "/webhooks/\(Self.id(1))")
            #expect(made.headers["cache-control"] == "no-store")
            #expect(made.json["secret"] as? String == TestWebhooks.secret)
            let shown =
                #""url":"https://a.example/h?t=1","description":"Orders","events":["email.bounced"],"#
                + #""filter":{"from_domains":["a.example"],"tags":{"k":"v"}},"max_rate":5,"status":"active","#
                + #""disabled_reason":null,"disabled_at":null,"failing_since":null,"old_secret_until":null,"#
                + #""created_at":"2023-11-14T22:13:20.000Z","version":1}"#
            #expect(made.body == #"{"id":"\#(Self.id(1))","secret":"\#(TestWebhooks.secret)",\#(shown)"#)
            let one = try await gateway.request("GET", "/webhooks/\(Self.id(1))")
            #expect(one.status == 200)
            #expect(one.body == #"{"id":"\#(Self.id(1))",\#(shown)"#)
            let list = try await gateway.request("GET", "/webhooks")
            #expect(list.body == #"{"data":[{"id":"\#(Self.id(1))",\#(shown)],"has_more":false}"#)
            #expect(gateway.webhooks.calls.count == 1)
            let call = try #require(gateway.webhooks.calls.first)
            #expect(call.hasPrefix("create by key:") && call.count == "create by key:".count + 36)
        }
    }

    @Test(arguments: [
        (#"{}"#, ["/url"]),
        (#"{"url": null}"#, ["/url"]),
        (#"{"url": 7}"#, ["/url"]),
        (#"{"url": "http://a.example/"}"#, ["/url"]),
        (#"{"url": "https://u:p@a.example/"}"#, ["/url"]),
        (#"{"url": "https://a.example/", "events": []}"#, ["/events"]),
        (#"{"url": "https://a.example/", "events": "email.sent"}"#, ["/events"]),
        (#"{"url": "https://a.example/", "events": ["email.sent", "x"]}"#, ["/events/1"]),
        (#"{"url": "https://a.example/", "event": ["email.sent"]}"#, ["/event"]),
        (#"{"url": "https://a.example/", "secret": "whsec_x"}"#, ["/secret"]),
        (#"{"url": "https://a.example/", "filter": {"domains": ["a.example"]}}"#, ["/filter/domains"]),
        (#"{"url": "https://a.example/", "filter": {"from_domains": ["x"]}}"#, ["/filter/from_domains/0"]),
        (#"{"url": "https://a.example/", "filter": {"streams": ["x"]}}"#, ["/filter/streams/0"]),
        (#"{"url": "https://a.example/", "filter": {"tags": {"k": 1}}}"#, ["/filter/tags/k"]),
        (#"{"url": "https://a.example/", "max_rate": 0}"#, ["/max_rate"]),
        (#"{"url": "https://a.example/", "max_rate": 1.5}"#, ["/max_rate"]),
        (#"{"url": "https://a.example/", "status": "disabled"}"#, ["/status"]),
        (#"{"url": "https://a.example/", "status": "off"}"#, ["/status"]),
        (#"{"url": "x", "max_rate": 0}"#, ["/url", "/max_rate"]),
    ])
    func isRefusedWithThePlace(_ body: String, _ pointers: [String]) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.json("POST", "/webhooks", body)
            #expect(answer.status == 422)
            #expect(answer.code == "invalid_webhook")
            #expect(answer.pointers == pointers)
            #expect(gateway.webhooks.calls.isEmpty)
        }
    }

    @Test func isChangedByTheGivenMembers() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.json("POST", "/webhooks", #"{"url": "https://a.example/", "events": ["email.sent"]}"#)
            let path = "/webhooks/\(Self.id(1))"
            let changed = try await gateway.json("PATCH", path, #"{"events": null, "max_rate": 3}"#)
            #expect(changed.status == 200)
            #expect(changed.json["events"] is NSNull && changed.json["max_rate"] as? Int == 3)
            #expect(changed.json["url"] as? String == "https://a.example/")
            #expect(changed.json["missed_since"] == nil && changed.json["secret"] == nil)
            gateway.webhooks.set { $0.missedSince = Date(timeIntervalSince1970: 0) }
            let enabled = try await gateway.json("PATCH", path, #"{"status": "active"}"#)
            #expect(enabled.json["missed_since"] as? String == "1970-01-01T00:00:00.000Z")
            #expect(gateway.webhooks.calls[1].hasPrefix("change events, max_rate by key:"))
            for (body, pointer) in [
                (#"{"url": null}"#, "/url"), (#"{"id": "x"}"#, "/id"), (#"{"status": "gone"}"#, "/status"),
                (#"{"filter": {"regions": []}}"#, "/filter/regions"),
            ] {
                let answer = try await gateway.json("PATCH", path, body)
                #expect(answer.status == 422 && answer.pointers == [pointer], "\(body)")
            }
        }
    }

    @Test func isRotatedAndTested() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.json("POST", "/webhooks", #"{"url": "https://a.example/"}"#)
            let path = "/webhooks/\(Self.id(1))"
            let rotated = try await gateway.request("POST", path + "/rotate")
            #expect(rotated.status == 200)
            #expect(
                rotated.body
                    == #"{"id":"\#(Self.id(1))","secret":"\#(TestWebhooks.secret)","old_secret_until":null}"#
            )
            #expect(try await gateway.json("POST", path + "/rotate", #"{"overlap": 0}"#).status == 200)
            #expect(gateway.webhooks.calls[1].hasPrefix("rotate 86400 by key:"))
            #expect(gateway.webhooks.calls[2].hasPrefix("rotate 0 by key:"))
            for overlap in ["-1", "604801", "\"1\"", "0.5", "1e300"] {
                let answer = try await gateway.json("POST", path + "/rotate", #"{"overlap": \#(overlap)}"#)
                #expect(answer.status == 422 && answer.pointers == ["/overlap"])
            }
            let test = try await gateway.request("POST", path + "/test")
            #expect(test.status == 202)
            #expect(test.body == #"{"delivery":"\#(Self.id(900))","event_id":"\#(Self.id(901))"}"#)
            #expect(try await gateway.json("POST", path + "/test", #"{"type": "email.bounced"}"#).status == 202)
            #expect(gateway.webhooks.calls.suffix(2) == ["test webhook.test", "test email.bounced"])
            let wrong = try await gateway.json("POST", path + "/test", #"{"type": "email.seen"}"#)
            #expect(wrong.status == 422 && wrong.pointers == ["/type"])
            let removed = try await gateway.request("DELETE", path)
            #expect(removed.status == 204 && removed.body.isEmpty)
            #expect(try await gateway.request("GET", path).status == 404)
        }
    }

    @Test func comesByPagesInBothDirections() async throws {
        try await TestGateway.run { gateway in
            for number in 1...5 {
                let key = number == 3 ? TestDirectory.omvKey : TestDirectory.apaKey
                _ = try await gateway.json("POST", "/webhooks", #"{"url": "https://a.example/"}"#, key: key)
            }
            let first = try await gateway.request("GET", "/webhooks?limit=2")
            #expect(Self.ids(first) == [Self.id(5), Self.id(4)] && first.json["has_more"] as? Bool == true)
            let second = try await gateway.request("GET", "/webhooks?limit=2&after=\(Self.id(4))")
            #expect(Self.ids(second) == [Self.id(2), Self.id(1)] && second.json["has_more"] as? Bool == false)
            let back = try await gateway.request("GET", "/webhooks?limit=2&before=\(Self.id(1))")
            #expect(Self.ids(back) == [Self.id(4), Self.id(2)] && back.json["has_more"] as? Bool == true)
            for query in ["limit=0", "limit=101", "after=x", "after=\(Self.id(1).uppercased())", "page=2"] {
                let answer = try await gateway.request("GET", "/webhooks?\(query)")
                #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
            }
        }
    }

    /// A malformed id, an unknown one and another tenant's are one answer.
    @Test func isNobodyElses() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.json("POST", "/webhooks", #"{"url": "https://a.example/"}"#)
            let calls: [(String, String, String?)] = [
                ("GET", "", nil), ("PATCH", "", #"{"description": "x"}"#), ("DELETE", "", nil),
                ("POST", "/rotate", nil),
                ("POST", "/test", nil), ("GET", "/deliveries", nil), ("GET", "/deliveries/\(Self.id(7))", nil),
                ("POST", "/replay", #"{"delivery": "\#(Self.id(7))"}"#),
                ("POST", "/replay", #"{"from": "2026-01-01T00:00:00Z"}"#),
            ]
            for (method, suffix, body) in calls {
                for (id, key) in [
                    (Self.id(1), TestDirectory.omvKey), (Self.id(2), TestDirectory.apaKey), ("x", TestDirectory.apaKey),
                    (Self.id(1).uppercased().replacing("0", with: "F"), TestDirectory.apaKey),
                ] {
                    let path = "/webhooks/\(id)\(suffix)"
                    let headers = body == nil ? [:] : ["Content-Type": "application/json"]
                    let answer = try await gateway.request(method, path, key: key, headers: headers, body: body)
                    #expect(answer.status == 404, "\(method) \(path)")
                    #expect(answer.code == "not_found")
                }
            }
            #expect(try await gateway.request("GET", "/webhooks/\(Self.id(1))").status == 200)
            let list = try await gateway.request("GET", "/webhooks", key: TestDirectory.omvKey)
            #expect(list.body == #"{"data":[],"has_more":false}"#)
            #expect(gateway.webhooks.calls.count == 1)
        }
    }

    @Test func aDisabledOneTakesNoTestAndNoReplay() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.json("POST", "/webhooks", #"{"url": "https://a.example/"}"#)
            gateway.webhooks.set { state in
                let endpoint = state.endpoints[0].endpoint
                state.endpoints[0].endpoint = WebhookEndpoint(
                    id: endpoint.id,
                    url: endpoint.url,
                    description: "",
                    events: nil,
                    filter: FilterSettings(),
                    maxRate: nil,
                    status: .disabled,
                    disabledReason: "gone",
                    disabledAt: nil,
                    failingSince: nil,
                    oldSecretUntil: nil,
                    createdAt: Date(),
                    version: 1
                )
            }
            let path = "/webhooks/\(Self.id(1))"
            for answer in [
                try await gateway.request("POST", path + "/test"),
                try await gateway.json("POST", path + "/replay", #"{"from": "2026-01-01T00:00:00Z"}"#),
                try await gateway.json("POST", path + "/replay", #"{"delivery": "\#(Self.id(7))"}"#),
            ] {
                #expect(answer.status == 409 && answer.code == "conflict")
                #expect((answer.json["detail"] as? String)?.contains("enable it first") == true)
            }
        }
    }

    @Test func needsAKeyAndSaysWhatItTakes() async throws {
        try await TestGateway.run { gateway in
            for path in [
                "/webhooks", "/webhooks/\(Self.id(1))", "/suppressions", "/suppressions/a@b.example", "/events",
            ] {
                #expect(try await gateway.request("GET", path, key: nil).status == 401)
                #expect(try await gateway.request("GET", path, key: TestDirectory.adminKey).status == 403)
            }
            let list = try await gateway.request("PUT", "/webhooks")
            #expect(list.status == 405 && list.headers["allow"] == "GET, HEAD, POST")
            let one = try await gateway.request("PUT", "/webhooks/x")
            #expect(one.status == 405 && one.headers["allow"] == "DELETE, GET, HEAD, PATCH")
            for path in ["/webhooks?after=%00", "/events?after=%00", "/webhooks?after=%C2%85"] {
                let answer = try await gateway.request("GET", path)
                #expect(answer.status == 422 && answer.code == "invalid_query", "\(path)")
                #expect((answer.json["detail"] as? String)?.contains("control character") == true)
            }
            let large = #"{"url": "https://a.example/\#(String(repeating: "x", count: 70_000))"}"#
            #expect(try await gateway.json("POST", "/webhooks", large).status == 413)
            #expect(try await gateway.request("POST", "/webhooks", body: "{}").status == 415)
        }
    }
}
