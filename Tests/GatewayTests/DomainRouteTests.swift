import Foundation
import Identities
import Testing

/// The tenant's own senders.
@Suite(.timeLimit(.minutes(5))) struct DomainRouteTests {
    @Test func areListedAndShown() async throws {
        try await TestGateway.run { gateway in
            let list = try await gateway.request("GET", "/domains?limit=1")
            let data = try #require(list.json["data"] as? [[String: Any]])
            #expect(data.map { $0["name"] as? String } == ["apa.example"])
            #expect(list.json["has_more"] as? Bool == true)
            let rest = try await gateway.request("GET", "/domains?after=apa.example")
            #expect((rest.json["data"] as? [[String: Any]])?.first?["name"] as? String == "shop@partner.example")
            for path in ["apa.example", "APA.example", "%61pa.example"] {
                let shown = try await gateway.request("GET", "/domains/\(path)")
                #expect(shown.status == 200 && shown.json["name"] as? String == "apa.example", "\(path)")
            }
            let address = try await gateway.request("GET", "/domains/Shop%40partner.example")
            #expect(address.json["kind"] as? String == "address")
        }
    }

    @Test func areLookedAtAgain() async throws {
        try await TestGateway.run { gateway in
            let wished = try await gateway.request("POST", "/domains/apa.example/verify")
            #expect(wished.status == 202)
            // With a test key it is the tenant behind it.
            let key = TestDirectory.testKey
            #expect(try await gateway.request("GET", "/domains/apa.example", key: key).status == 200)
            #expect(try await gateway.request("POST", "/domains/apa.example/verify", key: key).status == 202)
            #expect(gateway.domains.asked == ["check apa.example of 1", "check apa.example of 1"])
        }
    }

    @Test(arguments: [
        "omv.example", "partner.example", "other@partner.example", "sub.apa.example", "apa.example.", "example", "%00",
        "%zz",
        "..", "x%2Fy", "apa.example%20", "%D0%B0pa.example", "none.example",
    ])
    func ofOthersAreNotThere(_ path: String) async throws {
        try await TestGateway.run { gateway in
            let shown = try await gateway.request("GET", "/domains/\(path)")
            let none = try await gateway.request("GET", "/domains/none.example")
            #expect(shown.status == 404)
            #expect(shown.code == none.code)
            #expect(try await gateway.request("POST", "/domains/\(path)/verify").status == 404)
            #expect(gateway.domains.asked.isEmpty)
        }
    }

    @Test func needAKeyAndTakeNoUnknownQuery() async throws {
        try await TestGateway.run { gateway in
            let first = try await gateway.request("GET", "/domains", key: nil)
            #expect(first.status == 401)
            #expect(try await gateway.request("GET", "/domains?colour=red").status == 422)
            #expect(try await gateway.request("DELETE", "/domains/apa.example").status == 405)
        }
    }
}

/// The senders of all, and their registration with SES.
@Suite(.timeLimit(.minutes(5))) struct DomainAdminTests {
    @Test func areListedWithTheirTenants() async throws {
        try await TestOperator.run { node in
            let list = try await node.request("GET", "/admin/domains")
            let data = try #require(list.json["data"] as? [[String: Any]])
            #expect(
                data.map { $0["name"] as? String }
                    == ["apa.example", "harmful.example", "omv.example", "paused.example", "shop@partner.example"]
            )
            #expect(data[0]["tenants"] as? [String] == ["apa"])
            #expect(((data[0]["accounts"] as? [[String: Any]])?.first)?["status"] as? String == "unknown")
            let own = try await node.request("GET", "/admin/domains?tenant=omv")
            #expect((own.json["data"] as? [[String: Any]])?.count == 1)
            #expect(try await node.request("GET", "/admin/domains?tenant=none").status == 404)
            #expect(try await node.request("GET", "/admin/domains/none.example").status == 404)
            #expect(try await node.request("POST", "/admin/domains/omv.example/verify").status == 202)
            #expect(node.domains.asked == ["check omv.example"])
        }
    }

    @Test func showRecordsAndWhatIsMissing() async throws {
        try await TestOperator.run { node in
            var row = IdentityRow(accountID: 1, name: "apa.example")
            row.checkedAt = Date()
            row.dns = []
            node.domains.put(row)
            let shown = try await node.request("GET", "/admin/domains/apa.example")
            let account = try #require((shown.json["accounts"] as? [[String: Any]])?.first)
            #expect(account["account"] as? String == "main" && account["status"] as? String == "unregistered")
            let records = try #require(account["records"] as? [[String: Any]])
            #expect(records.map { $0["name"] as? String } == ["_dmarc.apa.example"])
            #expect((account["missing"] as? [String])?.first?.contains("an operator has to register it") == true)
        }
    }

    @Test func areRegistered() async throws {
        try await TestOperator.run { node in
            let body = #"{"name": "New.example", "mail_from": "bounce.new.example"}"#
            let answer = try await node.request("POST", "/admin/accounts/main/identities", body)
            #expect(answer.status == 202, "\(answer.body)")
            #expect(
                node.domains.asked.first?.hasPrefix("register new.example at 1 with bounce.new.example by ") == true
            )
            #expect(try await node.request("POST", "/admin/accounts/none/identities", body).status == 404)
        }
    }

    @Test(arguments: [
        (#"{}"#, "/name"), (#"{"name": "x"}"#, "/name"), (#"{"name": "\u0430pple.example"}"#, "/name"),
        (#"{"name": "a.example", "mail_from": "a.example"}"#, "/mail_from"),
        (#"{"name": "a.example", "mail_from": "bounce.b.example"}"#, "/mail_from"),
        (#"{"name": "a.example", "mail_from": "bounce.xa.example"}"#, "/mail_from"),
        (#"{"name": "a.example", "colour": 1}"#, "/colour"), (#"{"name": "a.example\r\nX: y"}"#, "/name"),
        (#"{"name": "Name <a@b.example>"}"#, "/name"),
    ])
    func areRefusedWithThePlace(_ body: String, _ pointer: String) async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("POST", "/admin/accounts/main/identities", body)
            #expect(answer.status == 422 && answer.code == "invalid_identity")
            #expect(answer.pointers == [pointer])
            #expect(node.domains.asked.isEmpty)
        }
    }
}
