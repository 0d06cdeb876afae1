import Foundation
import Gateway
import Synchronization
import Testing

/// Erasing, keeping for shorter, exporting.
@Suite(.timeLimit(.minutes(5))) struct PrivacyRouteTests {
    @Test func anErasureIsStartedAndShownToItsTenantOnly() async throws {
        try await TestGateway.run { gateway in
            let started = try await gateway.json("POST", "/erasures", #"{"email": "Ann@B.example"}"#)
            #expect(started.status == 202)
            let id = try #require(started.json["id"] as? String)
            #expect(started.json["status"] as? String == "running")
            #expect((started.json["erased"] as? [String: Any])?["recipients"] as? Int == 2)
            #expect(!started.body.lowercased().contains("ann@"), "the report names nobody")
            #expect(gateway.privacy.state.withLock { $0.erasures.values.first?.email } == "ann@b.example")
            let shown = try await gateway.request("GET", "/erasures/\(id)")
            #expect(shown.status == 200 && shown.body == started.body)
            #expect(try await gateway.request("GET", "/erasures/\(id)", key: TestDirectory.omvKey).status == 404)
            #expect(try await gateway.request("GET", "/erasures/\(id)", key: nil).status == 401)
            for other in ["x", UUID().uuidString.lowercased(), id.uppercased()] {
                #expect(try await gateway.request("GET", "/erasures/\(other)").status == 404, "\(other)")
            }
            #expect(try await gateway.request("DELETE", "/erasures/\(id)").status == 405)
        }
    }

    @Test(arguments: [
        (#"{}"#, "/email"), (#"{"email": "x"}"#, "/email"), (#"{"email": "A <a@b.example>"}"#, "/email"),
        (#"{"email": ["a@b.example"]}"#, "/email"), (#"{"email": "a@b.example", "all": true}"#, "/all"),
    ])
    func aWrongWishIsRefusedWithItsPlace(_ body: String, _ pointer: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.json("POST", "/erasures", body)
            #expect(answer.status == 422 && answer.code == "invalid_erasure")
            #expect(answer.pointers == [pointer])
        }
    }

    @Test func anAdminErasesForATenant() async throws {
        try await TestOperator.run { node in
            let started = try await node.request("POST", "/admin/tenants/apa/erasures", #"{"email": "a@b.example"}"#)
            #expect(started.status == 202, "\(started.body)")
            let id = try #require(started.json["id"] as? String)
            #expect(try await node.request("GET", "/admin/tenants/apa/erasures/\(id)").status == 200)
            #expect(try await node.request("GET", "/admin/tenants/omv/erasures/\(id)").status == 404)
            let path = "/admin/tenants/none/erasures"
            #expect(try await node.request("POST", path, #"{"email": "a@b.example"}"#).status == 404)
            #expect(try await node.request("POST", "/admin/tenants/apa/erasures", key: nil, "{}").status == 401)
        }
    }

    @Test func retentionIsSetInDays() async throws {
        try await TestOperator.run { node in
            let path = "/admin/tenants/apa/retention"
            #expect(
                try await node.request("GET", path).body
                    == #"{"bodies_days":null,"addresses_days":null,"events_days":null}"#
            )
            let set = try await node.request(
                "PUT",
                path,
                #"{"bodies_days": 1, "addresses_days": 30, "events_days": null}"#
            )
            #expect(set.status == 200, "\(set.body)")
            #expect(
                try await node.request("GET", path).body == #"{"bodies_days":1,"addresses_days":30,"events_days":null}"#
            )
            for (body, pointer) in [
                (#"{"addresses_days": 2}"#, "/addresses_days"), (#"{"events_days": 6}"#, "/events_days"),
                (#"{"bodies_days": 0}"#, "/bodies_days"), (#"{"bodies_days": 1.5}"#, "/bodies_days"),
                (#"{"bodies_days": 1e18}"#, "/bodies_days"), (#"{"bodies": 3}"#, "/bodies"),
            ] {
                let refused = try await node.request("PUT", path, body)
                #expect(refused.status == 422 && refused.code == "invalid_retention", "\(body): \(refused.body)")
                #expect(refused.pointers == [pointer], "\(body)")
            }
        }
    }

    @Test func anExportIsLinesOfJSON() async throws {
        try await TestOperator.run { node in
            let text = try await TestConnection.with(port: node.port) { connection in
                let request = """
                    GET /admin/tenants/omv/export HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                    Authorization: Bearer \(TestDirectory.adminKey)\r\n\r\n
                    """
                try await connection.write(request.utf8)
                return try await connection.text(until: "0\r\n\r\n")
            }
            #expect(text.hasPrefix("HTTP/1.1 200") && text.lowercased().contains("content-type: application/x-ndjson"))
            for number in 1...3 { #expect(text.contains(#"{"table": "t2", "row": {"n": \#(number)}}"# + "\n")) }
            #expect(try await node.request("GET", "/admin/tenants/none/export").status == 404)
            #expect(try await node.request("GET", "/admin/tenants/omv/export", key: TestDirectory.apaKey).status == 403)
            #expect(node.privacy.state.withLock { $0.notes } == ["admin ops: export tenant omv"])
        }
    }
}
