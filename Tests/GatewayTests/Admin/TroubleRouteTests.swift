import Foundation
import Mail
import Outbox
import Testing

@testable import Gateway

/// `/admin/recipients` and `/admin/webhooks`.
@Suite(.timeLimit(.minutes(5))) struct TroubleRouteTests {
    @Test func deadLettersAreListedAndFiltered() async throws {
        try await TestOperator.run { node in
            let all = try await node.request("GET", "/admin/recipients")
            #expect(all.status == 200)
            let entries = try #require(all.json["data"] as? [[String: Any]])
            #expect(entries.first?["tenant"] as? String == "apa")
            #expect(entries.first?["status"] as? String == "failed")
            _ = try await node.request(
                "GET",
                "/admin/recipients?status=bounced&tenant=omv&domain=B.example&reason=no&created_after=2026-01-02"
            )
            let filter = try #require(node.trouble.filters.last)
            #expect(filter.status == .bounced && filter.tenantID == 2 && filter.domain == "b.example")
            #expect(filter.reason == "no" && filter.createdAfter != nil && filter.createdBefore == nil)
            for query in ["status=sent", "status=x", "limit=0", "after=1", "created_after=yesterday"] {
                let answer = try await node.request("GET", "/admin/recipients?\(query)")
                #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
            }
            #expect(try await node.request("GET", "/admin/recipients?tenant=none").status == 404)
        }
    }

    @Test func aSearchThatStoppedEarlySaysSo() async throws {
        try await TestOperator.run { node in
            let mail = try await node.request("GET", "/admin/recipients?status=rejected")
            #expect((mail.json["data"] as? [Any])?.isEmpty == true && mail.json["has_more"] as? Bool == true)
            #expect(mail.json["next"] as? String == TestTrouble.other?.description)
            let webhooks = try await node.request("GET", "/admin/webhooks/failures")
            #expect(webhooks.json["has_more"] as? Bool == true)
            #expect(webhooks.json["next"] as? String == TestTrouble.endpoint.uuidString.lowercased())
            #expect(try await node.request("GET", "/admin/recipients").json["has_more"] as? Bool == false)
        }
    }

    @Test func sendingAgainSaysWhatBecameOfEach() async throws {
        try await TestOperator.run { node in
            let (id, other) = (try #require(TestTrouble.recipient), try #require(TestTrouble.other))
            let answer = try await node.request(
                "POST",
                "/admin/recipients/again",
                #"{"recipients": ["\#(id)", "\#(other)"]}"#
            )
            #expect(answer.status == 200 && answer.json["queued"] as? Int == 1, "\(answer.body)")
            let refused = try #require(answer.json["refused"] as? [[String: String]])
            #expect(refused.map { $0["reason"] } == ["suppressed"] && refused[0]["id"] == other.description)
            #expect(node.trouble.sent == [id, other])
            #expect(node.trouble.actors.allSatisfy { $0.contains("key") || $0.contains("admin") })
            for body in [
                #"{}"#, #"{"recipients": []}"#, #"{"recipients": ["x"]}"#, #"{"recipients": ["\#(id)"], "x": 1}"#,
            ] {
                let bad = try await node.request("POST", "/admin/recipients/again", body)
                #expect(bad.status == 422 && bad.code == "invalid_resend", "\(body): \(bad.body)")
            }
            let many = Array(repeating: "\"\(id)\"", count: 101).joined(separator: ",")
            #expect(
                try await node.request("POST", "/admin/recipients/again", "{\"recipients\": [\(many)]}").status == 422
            )
        }
    }

    @Test func webhooksShowTheirHostAndNoMore() async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("GET", "/admin/webhooks")
            let entries = try #require(answer.json["data"] as? [[String: Any]])
            #expect(entries.map { $0["host"] as? String } == ["hooks.example"])
            #expect(entries.allSatisfy { $0["url"] == nil && $0["secret"] == nil })
            #expect(try await node.request("GET", "/admin/webhooks?tenant=none").status == 404)
            let unknown = try await node.request(
                "POST",
                "/admin/webhooks/018f0000-0000-7000-8000-000000000000/replay",
                #"{"delivery": "018f0000-0000-7000-8000-000000000000"}"#
            )
            #expect(unknown.status == 404)
        }
    }
}
