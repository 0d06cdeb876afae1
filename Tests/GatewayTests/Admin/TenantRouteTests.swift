import Directory
import Foundation
import Testing

/// `/admin/tenants/{name}` and its keys.
@Suite(.timeLimit(.minutes(5))) struct TenantRouteTests {
    static let body = """
        {"display_name": "New", "from_domains": ["NEW.example", "a@b.example"], "regions": {"AT": "main/AT", "UK": "main/UK"},
         "default_region": "AT", "limits": {"api_rate": 50, "queued": null}, "unknown_policy": "hold", "status": "paused",
         "shared_domains": ["New.example"], "senders": [{"account": "main", "configuration_set": "own"}]}
        """

    @Test func aTenantIsMadeChangedAndRemoved() async throws {
        try await TestOperator.run { node in
            let dry = try await node.request("PUT", "/admin/tenants/new?dry_run=true", Self.body)
            #expect(dry.status == 200 && dry.json["version"] as? Int == 0)
            #expect(try await node.request("GET", "/admin/tenants/new").status == 404)
            let made = try await node.request("PUT", "/admin/tenants/new", Self.body)
            #expect(made.status == 201 && made.headers["etag"] == "\"1\"", "\(made.body)")
            #expect(made.headers["location"] == "/admin/tenants/new")
            #expect(made.json["from_domains"] as? [String] == ["new.example", "a@b.example"])
            #expect(made.json["shared_domains"] as? [String] == ["new.example"])
            #expect(
                made.body.contains(
                    #""senders":[{"account":"main","configuration_set":{"bulk":"own","transactional":"own"}}]"#
                )
            )
            #expect(made.body.contains(#""limits":{"api_rate":50,"queued":null,"daily":null}"#))
            // What GET says can be sent back.
            let shown = try await node.request("GET", "/admin/tenants/new")
            let same = try await node.request("PUT", "/admin/tenants/new", ifMatch: "\"1\"", shown.body)
            #expect(same.status == 200 && same.body.contains(#""changes":[]"#), "\(same.body)")
            let stale = try await node.request("PUT", "/admin/tenants/new", ifMatch: "\"1\"", Self.body)
            #expect(stale.status == 412 && stale.code == "stale_version")
            #expect(try await node.request("DELETE", "/admin/tenants/new", ifMatch: "\"9\"").status == 412)
            #expect(try await node.request("DELETE", "/admin/tenants/new?dry_run=true").status == 200)
            #expect(try await node.request("DELETE", "/admin/tenants/new").status == 204)
            #expect(try await node.request("DELETE", "/admin/tenants/new").status == 404)
            #expect(node.administration.calls.allSatisfy { $0.actor.hasPrefix("admin ops, key ") })
        }
    }

    @Test(arguments: [
        ("new", "{}", "/from_domains"), ("new", #"{"from_domains": [], "regions": {}}"#, "/regions"),
        ("new", #"{"from_domains": ["*"], "regions": {"AT": "main"}}"#, "/from_domains/0"),
        ("new", #"{"from_domains": ["a@b@c"], "regions": {"AT": "main"}}"#, "/from_domains/0"),
        ("new", #"{"from_domains": [], "regions": {"A/T": "main"}}"#, "/regions/A~1T"),
        ("new", #"{"from_domains": [], "regions": {"AT": "main"}, "limits": {"api_rate": 0}}"#, "/limits/api_rate"),
        ("new", #"{"from_domains": [], "regions": {"AT": "main"}, "limits": {"daily": 1.5}}"#, "/limits/daily"),
        ("new", #"{"from_domains": [], "regions": {"AT": "main"}, "limits": {"hourly": 1}}"#, "/limits/hourly"),
        ("new", #"{"from_domains": [], "regions": {"AT": "main"}, "status": "gone"}"#, "/status"),
        ("new", #"{"from_domains": [], "regions": {"AT": "main"}, "display_name": "a\u0000b"}"#, "/display_name"),
        ("new", #"{"from_domains": [], "regions": {"AT": "main"}, "name": "other"}"#, "/name"),
        ("new", #"{"from_domains": [], "regions": {"AT": "main"}, "id": 7}"#, "/id"),
        (
            "new", #"{"from_domains": [], "regions": {"AT": "main"}, "shared_domains": ["a.example"]}"#,
            "/shared_domains"
        ),
        ("new", #"{"from_domains": [], "regions": {"AT": "main"}, "senders": [{"account": "main"}]}"#, "/senders/0"),
        ("new", #"{"from_domains": ["\u0430pa.example"], "regions": {"AT": "main"}}"#, "/from_domains/0"),
    ])
    func badTenants(name: String, body: String, pointer: String) async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("PUT", "/admin/tenants/\(name)", body)
            #expect(answer.status == 422 && answer.code == "invalid_tenant", "\(answer.body)")
            #expect(answer.pointers == [pointer], "\(answer.body)")
        }
    }

    @Test func namesThatAreNone() async throws {
        try await TestOperator.run { node in
            for name in [
                "%3Cscript%3E", "..", ".", "..%2Fx", "%2e%2e", "%2e%2e%2fx", "..%5Cx", "a%2Fb", "a%20b", "a:test",
                "%00",
                "a%00", "a;b", "keys%2F..", String(repeating: "x", count: 65),
            ] {
                let answer = try await node.request(
                    "PUT",
                    "/admin/tenants/\(name)",
                    #"{"from_domains": [], "regions": {"AT": "main"}}"#
                )
                #expect(answer.status == 422 || answer.status == 404, "\(name): \(answer.body)")
                #expect(!answer.body.contains("<script>"))
            }
            let nowhere = #"{"from_domains": [], "regions": {"AT": "main/nowhere"}}"#
            let answer = try await node.request("PUT", "/admin/tenants/new", nowhere)
            #expect(answer.status == 422 && answer.code == "invalid_tenant" && answer.body.contains("main/nowhere"))
            #expect(try await node.request("PUT", "/admin/tenants/new", ifMatch: "*", Self.body).status == 404)
        }
    }

    @Test func nobodyGetsWhatIsAnothers() async throws {
        try await TestOperator.run { node in
            for domain in ["apa.example", "mail.apa.example", "x@apa.example", "example.org.apa.example"] {
                let body = #"{"from_domains": ["\#(domain)"], "regions": {"AT": "main/AT"}}"#
                let answer = try await node.request("PUT", "/admin/tenants/new", body)
                #expect(answer.status == 409 && answer.code == "conflict", "\(answer.body)")
                #expect(answer.body.contains("tenant apa"))
            }
            let senders = #"[{"account": "none", "configuration_set": "x"}]"#
            let body = #"{"from_domains": [], "regions": {"AT": "main/AT"}, "senders": \#(senders)}"#
            let answer = try await node.request("PUT", "/admin/tenants/new", body)
            #expect(answer.status == 422 && answer.code == "invalid_tenant" && answer.body.contains("'none'"))
        }
    }

    @Test func whatHasQueuedMailStays() async throws {
        try await TestOperator.run { node in
            node.administration.set { $0.refusal = .queued }
            let answer = try await node.request("DELETE", "/admin/tenants/apa")
            #expect(answer.status == 409 && answer.code == "conflict")
        }
    }

    @Test func anAdminMakesKeysOfATenant() async throws {
        try await TestOperator.run { node in
            let made = try await node.request("POST", "/admin/tenants/apa/keys", #"{"name": "ci", "test": true}"#)
            #expect(made.status == 201 && (made.json["key"] as? String)?.hasPrefix("sk_test_") == true, "\(made.body)")
            let id = try #require(made.json["id"] as? String)
            #expect(made.headers["location"] == "/admin/tenants/apa/keys/\(id)")
            #expect(try await node.request("GET", "/admin/tenants/apa/keys").body.contains(id))
            #expect(try await !node.request("GET", "/admin/tenants/omv/keys").body.contains(id))
            #expect(try await node.request("DELETE", "/admin/tenants/omv/keys/\(id)").status == 404)
            let rotated = try await node.request("POST", "/admin/tenants/apa/keys/\(id)/rotate")
            #expect(rotated.status == 200 && rotated.json["key"] as? String != nil)
            let bad = try await node.request("POST", "/admin/tenants/apa/keys", #"{"scopes": ["root"]}"#)
            #expect(bad.status == 422 && bad.code == "invalid_key_settings")
            #expect(try await node.request("DELETE", "/admin/tenants/apa/keys/\(id)").status == 204)
            #expect(try await node.request("GET", "/admin/tenants/apa/keys/\(id)").status == 404)
        }
    }
}
