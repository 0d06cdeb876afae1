import Directory
import Foundation
import HTTPTypes
import Outbox
import Testing

@testable import Gateway

/// What a key lets through: scopes, sender, region, network, time.
@Suite(.timeLimit(.minutes(5))) struct KeyAccessTests {
    static let id = "01890000-0000-7000-8000-000000000000"

    /// Every route of the tenant API, with the scope that it asks for.
    static let routes: [(String, String, KeyScope)] = [
        ("POST", "/send", .send), ("POST", "/send/batch", .send), ("POST", "/send/broadcast", .send),
        ("GET", "/messages/\(id)", .read), ("HEAD", "/messages/\(id)", .read), ("GET", "/messages/\(id)/events", .read),
        ("POST", "/messages/\(id)/cancel", .send), ("GET", "/events", .read), ("GET", "/domains", .read),
        ("GET", "/domains/apa.example", .read), ("POST", "/domains/apa.example/verify", .read),
        ("GET", "/suppressions", .suppressions), ("POST", "/suppressions", .suppressions),
        ("DELETE", "/suppressions", .suppressions), ("GET", "/suppressions/a@b.example", .suppressions),
        ("DELETE", "/suppressions/a@b.example", .suppressions), ("POST", "/erasures", .suppressions),
        ("GET", "/erasures/\(id)", .suppressions), ("GET", "/webhooks", .webhooks),
        ("POST", "/webhooks", .webhooks), ("GET", "/webhooks/\(id)", .webhooks),
        ("PATCH", "/webhooks/\(id)", .webhooks),
        ("DELETE", "/webhooks/\(id)", .webhooks), ("POST", "/webhooks/\(id)/rotate", .webhooks),
        ("POST", "/webhooks/\(id)/test", .webhooks), ("GET", "/webhooks/\(id)/deliveries", .webhooks),
        ("POST", "/webhooks/\(id)/replay", .webhooks), ("GET", "/templates", .templates),
        ("POST", "/templates", .templates), ("GET", "/templates/x", .templates), ("PUT", "/templates/x", .templates),
        ("DELETE", "/templates/x", .templates), ("GET", "/templates/x/versions", .templates),
        ("GET", "/templates/x/versions/1", .templates), ("POST", "/templates/x/render", .templates),
        ("GET", "/keys", .keys), ("POST", "/keys", .keys), ("GET", "/keys/\(id)", .keys),
        ("PATCH", "/keys/\(id)", .keys), ("DELETE", "/keys/\(id)", .keys), ("POST", "/keys/\(id)/rotate", .keys),
        ("GET", "/reputation", .read), ("POST", "/reputation/resume", .send), ("GET", "/messages", .read),
        ("GET", "/recipients", .read), ("GET", "/recipients.csv", .read), ("GET", "/usage", .read),
        ("GET", "/reports/last", .read), ("GET", "/messages/\(id)/content", .content),
        ("GET", "/webhooks/\(id)/deliveries/\(id)", .webhooks),
    ]

    @Test func everyRouteAsksForItsScope() async throws {
        try await TestGateway.run { gateway in
            for (method, path, scope) in Self.routes where method != "HEAD" {
                let body = ["POST", "PUT", "PATCH"].contains(method) ? "{}" : nil
                let refused = try await gateway.json(method, path, body, key: TestDirectory.withoutKey(scope))
                #expect(refused.status == 403 && refused.code == "missing_scope", "\(method) \(path)")
                #expect(refused.body.contains("'\(scope.rawValue)'"), "\(method) \(path): \(refused.body)")
                #expect(refused.headers["ratelimit-policy"] != nil, "it counts in the tenant's rate")
                let passed = try await gateway.json(method, path, body, key: TestDirectory.onlyKey(scope))
                #expect(passed.status != 403, "\(method) \(path): \(passed.body)")
            }
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func noRoutePassesOverAParameterThatItDoesNotKnow() async throws {
        try await TestGateway.run { gateway in
            let routes = RouteNames.of(gateway.server.routes()).filter { name in
                !["/livez", "/healthz", "/readyz", "/openapi.json", "/docs", "/u/"].contains { name.contains(" " + $0) }
            }
            #expect(
                Self.routes.filter { $0.0 != "HEAD" }.count == routes.count,
                "the list above has all of them: \(routes)"
            )
            for (method, path, scope) in Self.routes where method != "HEAD" {
                let body = ["POST", "PUT", "PATCH"].contains(method) ? "{}" : nil
                let key = TestDirectory.onlyKey(scope)
                for query in ["no_such=1", "Limit=1", "dry_run=true"] {
                    let answer = try await gateway.json(method, "\(path)?\(query)", body, key: key)
                    #expect(answer.status == 422 && answer.code == "invalid_query", "\(method) \(path): \(answer.body)")
                }
            }
        }
    }

    @Test func aPathThatNobodyThoughtOfAsksForEverything() throws {
        #expect(RouteScope.need(.get, "/figures") == .everything)
        #expect(RouteScope.need(.post, "/events") == .everything)
        #expect(RouteScope.need(.put, "/domains/{domain}") == .everything)
        #expect(RouteScope.need(.get, "") == .everything)
        #expect(throws: Problem.self) { try RouteScope.check(.get, "/figures", KeyGrant(scopes: [.read, .send])) }
        #expect(throws: Problem.self) { try RouteScope.check(.get, "/figures", KeyGrant()) }
        try RouteScope.check(.get, "/figures", KeyGrant(scopes: Set(KeyScope.allCases)))
        for (method, path, scope) in Self.routes {
            let method = try #require(HTTPRequest.Method(method))
            #expect(RouteScope.need(method, path) == .scope(scope), "\(method) \(path)")
        }
    }

    @Test func aKeyMaySendFromItsAddressesAndToItsRegionsOnly() async throws {
        try await TestGateway.run { gateway in
            func body(_ from: String, _ region: String) -> String {
                #"{"from": "\#(from)", "to": "a@b.example", "subject": "x", "text": "x", "region": "\#(region)"}"#
            }
            let key = TestDirectory.narrowKey
            #expect(try await gateway.send(body("shop@partner.example", "AT"), key: key).status == 202)
            let domain = try await gateway.send(body("a@apa.example", "AT"), key: key)
            #expect(domain.status == 403 && domain.code == "from_not_allowed" && domain.pointers == ["/from"])
            #expect(domain.body.contains("to the key"))
            let region = try await gateway.send(body("shop@partner.example", "UK"), key: key)
            #expect(region.status == 403 && region.code == "region_not_allowed" && region.pointers == ["/region"])
            let foreign = try await gateway.send(body("a@omv.example", "AT"), key: key)
            #expect(foreign.code == "from_not_allowed" && foreign.body.contains("to the tenant"))
            let broadcast = try await gateway.request(
                "POST",
                "/send/broadcast",
                key: key,
                headers: ["Content-Type": "application/x-ndjson"],
                body: #"{"from": "a@apa.example", "subject": "x", "text": "x"}"# + "\n" + #"{"to": "a@b.example"}"#
            )
            #expect(broadcast.code == "from_not_allowed")
            let batch = try await gateway.request(
                "POST",
                "/send/batch",
                key: key,
                headers: ["Content-Type": "application/json"],
                body: #"{"messages": [\#(body("a@apa.example", "AT")), \#(body("shop@partner.example", "AT"))]}"#
            )
            #expect(batch.status == 202 && batch.body.contains("from_not_allowed"))
            #expect(gateway.store.accepted.count == 2)
        }
    }

    @Test func aKeyWorksFromItsNetworksOnly() async throws {
        try await TestGateway.run { gateway in
            #expect(try await gateway.request("GET", "/events", key: TestDirectory.homeKey).status == 200)
            for forwarded in ["203.0.113.9", "2001:db8::1", "203.0.113.9, 203.0.113.9"] {
                let answer = try await gateway.request(
                    "GET",
                    "/events",
                    key: TestDirectory.awayKey,
                    headers: ["X-Forwarded-For": forwarded]
                )
                #expect(answer.status == 403 && answer.code == "source_not_allowed", "\(forwarded)")
                #expect(answer.body.contains("127.0.0.1"))
            }
            #expect(gateway.keys.uses == 1, "what was refused was no use")
        }
        let proxies = try #require(SourceNetworks(["127.0.0.0/8", "10.0.0.0/8"]))
        try await TestGateway.run(configure: { $0.trustedProxies = proxies }) { gateway in
            for (forwarded, status) in [
                ("203.0.113.9", 200), ("198.51.100.1, 203.0.113.9", 200), ("203.0.113.9, 10.0.0.7", 200),
                ("[2001:db8::7]:443", 200), ("::ffff:203.0.113.9", 200), ("203.0.113.9, 198.51.100.1", 403),
                ("203.0.113.9, junk", 403), ("203.0.113.9,", 403), ("127.0.0.1", 403),
            ] {
                let answer = try await gateway.request(
                    "GET",
                    "/events",
                    key: TestDirectory.awayKey,
                    headers: ["X-Forwarded-For": forwarded]
                )
                #expect(answer.status == status, "\(forwarded): \(answer.body)")
            }
            // A proxy that names nobody lets no such key in, though its own address would be right.
            #expect(try await gateway.request("GET", "/events", key: TestDirectory.homeKey).status == 403)
            // Behind the proxy, loopback itself is nobody's address.
            #expect(try await gateway.request("GET", "/events", key: TestDirectory.awayKey).status == 403)
        }
    }

    @Test func twoForwardedHeadersAreOneList() throws {
        let name = try #require(HTTPField.Name("X-Forwarded-For"))
        var headers = HTTPFields()
        headers.append(HTTPField(name: name, value: "203.0.113.1"))
        headers.append(HTTPField(name: name, value: "198.51.100.2"))
        let proxies = SourceNetworks(["10.0.0.0/8"])
        #expect(RequestSource.address(peer: "10.0.0.1", headers: headers, proxies: proxies) == "198.51.100.2")
        #expect(RequestSource.address(peer: "::ffff:10.0.0.1", headers: headers, proxies: proxies) == "198.51.100.2")
        #expect(RequestSource.address(peer: "192.0.2.1", headers: headers, proxies: proxies) == "192.0.2.1")
        #expect(RequestSource.address(peer: "10.0.0.1", headers: headers, proxies: nil) == "10.0.0.1")
        #expect(RequestSource.address(peer: "10.0.0.1", headers: [:], proxies: proxies) == nil)
        #expect(RequestSource.address(peer: nil, headers: headers, proxies: proxies) == nil)
    }

    @Test func keysThatAreNone() async throws {
        try await TestGateway.run { gateway in
            let real = APIKey.generate(.live)
            let cases = [
                (TestDirectory.expiredKey, "expired"), (real, "not known"), (String(real.dropLast()), "checksum"),
                (real.replacing("sk_live_", with: "sk_test_"), "checksum"), (real + "x", "checksum"),
                (TestDirectory.apaKey + "%00", "checksum"), ("' OR 1=1 --", "checksum"),
            ]
            for (key, word) in cases {
                let answer = try await gateway.request("GET", "/events", key: key)
                #expect(answer.status == 401 && answer.code == "invalid_key", "\(word)")
                #expect(answer.body.contains(word), "\(answer.body)")
                #expect(!answer.body.contains(key))
            }
            #expect(gateway.keys.uses == 0)
        }
    }

    @Test func aTestKeyLivesInATenantOfItsOwn() async throws {
        try await TestGateway.run { gateway in
            let body =
                #"{"from": "a@apa.example", "to": "bounce@simulator.amazonses.com", "subject": "x", "text": "x"}"#
            #expect(try await gateway.send(body, key: TestDirectory.testKey).status == 202)
            #expect(try await gateway.send(body).status == 202)
            #expect(
                TestDirectory.sample.limits.count == 2 * TestDirectory.sample.tenants.count,
                "tests have limits, too"
            )
            let (test, live) = (gateway.store.accepted[0], gateway.store.accepted[1])
            #expect(test.isTest && test.tenantID == 1 + TestDirectory.testOffset && test.laneID == 1010)
            #expect(!live.isTest && live.tenantID == 1 && live.laneID == 10)
            let foreign = try await gateway.send(
                body.replacing("apa.example", with: "omv.example"),
                key: TestDirectory.testKey
            )
            #expect(foreign.code == "from_not_allowed")
            let changed = try await gateway.json("DELETE", "/templates/x", nil, key: TestDirectory.testKey)
            #expect(changed.status == 403 && changed.code == "missing_scope")
            #expect(try await gateway.request("GET", "/templates", key: TestDirectory.testKey).status == 200)
        }
    }
}
