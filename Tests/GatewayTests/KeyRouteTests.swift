import Directory
import Foundation
import Testing

/// `/keys`.
@Suite(.timeLimit(.minutes(5))) struct KeyRouteTests {
    static let id = "01890000-0000-7000-8000-000000000000"

    @Test func aKeyIsShownOnce() async throws {
        try await TestGateway.run { gateway in
            let made = try await gateway.json(
                "POST",
                "/keys",
                #"""
                {"name": "shop", "scopes": ["send", "read"], "domains": ["APA.example"], "regions": ["AT"],
                 "allowed_ips": ["192.0.2.7", "2001:DB8::/32"], "expires_at": "2099-01-01T00:00:00Z"}
                """#
            )
            #expect(made.status == 201, "\(made.body)")
            let key = try #require(made.json["key"] as? String)
            let id = try #require(made.json["id"] as? String)
            #expect(key.hasPrefix("sk_live_") && APIKey.isWellFormed(key))
            #expect(made.headers["location"] == "/keys/\(id)")
            #expect(made.json["domains"] as? [String] == ["apa.example"])
            #expect(made.json["allowed_ips"] as? [String] == ["192.0.2.7/32", "2001:db8::/32"])
            #expect(made.json["expires_at"] as? String == "2099-01-01T00:00:00.000Z")
            #expect(made.json["last_used_at"] is NSNull && made.json["test"] as? Bool == false)
            #expect(gateway.keys.refreshes == 1)
            for path in ["/keys", "/keys/\(id)"] {
                let shown = try await gateway.request("GET", path)
                #expect(shown.status == 200 && !shown.body.contains(key) && shown.body.contains(id))
            }
            let changed = try await gateway.json("PATCH", "/keys/\(id)", #"{"name": "till", "domains": null}"#)
            #expect(
                changed.status == 200 && changed.json["domains"] is NSNull && changed.json["name"] as? String == "till"
            )
            #expect(changed.json["scopes"] as? [String] == ["send", "read"])
            let rotated = try await gateway.json("POST", "/keys/\(id)/rotate", #"{"overlap": 3600}"#)
            #expect(rotated.json["key"] as? String != key)
            #expect(rotated.json["old_key_until"] as? String == "1970-01-01T01:00:00.000Z")
            #expect(try await gateway.request("POST", "/keys/\(id)/rotate").json["old_key_until"] as? String != nil)
            #expect(try await gateway.request("DELETE", "/keys/\(id)").status == 204)
            #expect(try await gateway.request("DELETE", "/keys/\(id)").status == 404)
            #expect(try await gateway.request("GET", "/keys/\(id)").status == 404)
        }
    }

    @Test func noKeyMakesOneThatMayDoMore() async throws {
        try await TestGateway.run { gateway in
            let maker = TestDirectory.makerKey
            let same = try await gateway.json("POST", "/keys", #"{"name": "same"}"#, key: maker)
            #expect(same.status == 201 && same.json["scopes"] as? [String] == ["send", "keys"])
            #expect(same.json["domains"] as? [String] == ["apa.example"])
            let less = #"{"scopes": ["send"], "domains": ["shop@apa.example"], "test": true}"#
            #expect(try await gateway.json("POST", "/keys", less, key: maker).status == 201)
            for more in [
                #"{"scopes": ["read"]}"#, #"{"domains": null}"#, #"{"domains": ["apa.example", "other.example"]}"#,
                #"{"domains": ["sub.apa.example"]}"#, #"{"regions": ["UK"]}"#, #"{"regions": null}"#,
            ] {
                let answer = try await gateway.json("POST", "/keys", more, key: maker)
                #expect(answer.status == 403 && answer.code == "missing_scope", "\(more): \(answer.body)")
            }
            let free = try #require(try await gateway.json("POST", "/keys", "{}").json["id"] as? String)
            #expect(try await gateway.request("POST", "/keys/\(free)/rotate", key: maker).status == 403)
            #expect(try await gateway.json("PATCH", "/keys/\(free)", #"{"name": "x"}"#, key: maker).status == 403)
            #expect(try await gateway.request("DELETE", "/keys/\(free)", key: maker).status == 204)
        }
    }

    @Test func networksAndTimesOfAMakerBindToo() async throws {
        try await TestGateway.run { gateway in
            let home = TestDirectory.homeKey
            #expect(
                try await gateway.json("POST", "/keys", #"{"allowed_ips": ["127.1.0.0/16"]}"#, key: home).status == 201
            )
            for more in [#"["126.0.0.0/7"]"#, #"["10.0.0.1"]"#, "null", #"["::/0"]"#] {
                let answer = try await gateway.json("POST", "/keys", #"{"allowed_ips": \#(more)}"#, key: home)
                #expect(answer.code == "missing_scope", "\(more)")
            }
        }
    }

    @Test func aForeignKeyIsAsOneThatDoesNotExist() async throws {
        try await TestGateway.run { gateway in
            let id = try #require(try await gateway.json("POST", "/keys", "{}").json["id"] as? String)
            for path in ["/keys/\(id)", "/keys/\(Self.id)", "/keys/\(id.uppercased())x", "/keys/..%2f1", "/keys/%00"] {
                for (method, tail) in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate")] {
                    let body = method == "PATCH" || method == "POST" ? "{}" : nil
                    let answer = try await gateway.json(method, path + tail, body, key: TestDirectory.omvKey)
                    #expect(answer.status == 404, "\(method) \(path)\(tail)")
                    #expect(answer.json["detail"] as? String == "there is no key with this id", "\(answer.body)")
                }
            }
            #expect(
                try await gateway.request("GET", "/keys", key: TestDirectory.omvKey).body
                    == #"{"data":[],"has_more":false}"#
            )
            #expect(try await gateway.request("GET", "/keys/\(id)").status == 200)
        }
    }

    @Test func testKeysKnowOfTestKeysOnly() async throws {
        try await TestGateway.run { gateway in
            let live = try #require(try await gateway.json("POST", "/keys", "{}").json["id"] as? String)
            let test = try await gateway.json("POST", "/keys", "{}", key: TestDirectory.testKey)
            #expect((test.json["key"] as? String)?.hasPrefix("sk_test_") == true && test.json["test"] as? Bool == true)
            let more = try await gateway.json("POST", "/keys", #"{"test": false}"#, key: TestDirectory.testKey)
            #expect(more.status == 403)
            #expect(try await gateway.request("DELETE", "/keys/\(live)", key: TestDirectory.testKey).status == 404)
            #expect(try await !gateway.request("GET", "/keys", key: TestDirectory.testKey).body.contains(live))
            let id = try #require(test.json["id"] as? String)
            #expect(try await gateway.request("GET", "/keys/\(id)").status == 200, "a live key sees both")
        }
    }

    @Test(arguments: [
        (#"{"scopes": ["admin"]}"#, "/scopes/0"), (#"{"scopes": []}"#, "/scopes"), (#"{"scopes": null}"#, "/scopes"),
        (#"{"scopes": "send"}"#, "/scopes"), (#"{"name": ""}"#, "/name"), (#"{"name": "a\nb"}"#, "/name"),
        (#"{"name": null}"#, "/name"), (#"{"domains": []}"#, "/domains"), (#"{"domains": ["a b"]}"#, "/domains/0"),
        (#"{"domains": ["ok.example", "*.example"]}"#, "/domains/1"), (#"{"regions": ["../x"]}"#, "/regions/0"),
        (#"{"allowed_ips": ["10.0.0.0/33"]}"#, "/allowed_ips/0"),
        (#"{"allowed_ips": ["10.0.0.1/8"]}"#, "/allowed_ips/0"),
        (#"{"allowed_ips": ["10.0.0"]}"#, "/allowed_ips/0"), (#"{"allowed_ips": ["0x7f.1"]}"#, "/allowed_ips/0"),
        (#"{"allowed_ips": ["::ffff:10.0.0.0/8"]}"#, "/allowed_ips/0"),
        (#"{"allowed_ips": ["10.0.0.0/-1"]}"#, "/allowed_ips/0"),
        (#"{"allowed_ips": ["localhost"]}"#, "/allowed_ips/0"), (#"{"expires_at": "tomorrow"}"#, "/expires_at"),
        (#"{"expires_at": "2001-01-01T00:00:00Z"}"#, "/expires_at"), (#"{"expires_at": 5}"#, "/expires_at"),
        (#"{"test": 1}"#, "/test"), (#"{"nmae": "x"}"#, "/nmae"), (#"{"tenant": "omv"}"#, "/tenant"),
        (#"{"name": "a", "name": "b"}"#, "/name"), (#"{"__proto__": {}}"#, "/__proto__"),
    ])
    func badKeys(body: String, pointer: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.json("POST", "/keys", body)
            #expect(answer.status == 422 && answer.code == "invalid_key_settings", "\(answer.body)")
            #expect(answer.pointers == [pointer], "\(answer.body)")
        }
    }

    @Test func rotationTakesAWeekAtMost() async throws {
        try await TestGateway.run { gateway in
            let id = try #require(try await gateway.json("POST", "/keys", "{}").json["id"] as? String)
            for body in [#"{"overlap": -1}"#, #"{"overlap": 604801}"#, #"{"overlap": 1.5}"#, #"{"overlap": 1e300}"#] {
                let answer = try await gateway.json("POST", "/keys/\(id)/rotate", body)
                #expect(answer.status == 422 && answer.pointers == ["/overlap"], "\(body): \(answer.body)")
            }
        }
    }

    @Test func aTenantThatChangesKeysAllTheTimeIsHeldBack() async throws {
        try await TestGateway.run { gateway in
            var refusal: TestAnswer?
            for _ in 0..<500 where refusal == nil {
                let answer = try await gateway.request("DELETE", "/keys/\(Self.id)")
                if answer.status == 429 { refusal = answer } else { #expect(answer.status == 404) }
            }
            #expect(refusal?.code == "rate_limited" && refusal?.headers["retry-after"] == "1")
            #expect(try await gateway.request("DELETE", "/keys/\(Self.id)", key: TestDirectory.omvKey).status == 404)
            #expect(try await gateway.request("GET", "/keys").status == 200)
        }
    }
}
