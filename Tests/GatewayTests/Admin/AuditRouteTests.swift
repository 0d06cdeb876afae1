import Foundation
import Synchronization
import Testing

@testable import Directory

/// What `/admin/audit` is asked for, and shows.
@Suite(.timeLimit(.minutes(5))) struct AuditRouteTests {
    @Test func filtersReachTheReader() async throws {
        try await TestOperator.run { node in
            let answer = try await node.request(
                "GET",
                "/admin/audit?actor=cli%3Aops&action=change&object=share%20main/UK&request_id=r-1"
                    + "&created_after=2026-02-03T04:05:06Z&created_before=2026-02-03T06:05:06%2B01:00"
            )
            #expect(answer.status == 200)
            var filter = AuditFilter()
            filter.actor = "cli:ops"
            filter.action = "change"
            filter.object = "share main/UK"
            filter.requestID = "r-1"
            filter.createdAfter = Date(timeIntervalSince1970: 1_770_091_506)
            filter.createdBefore = Date(timeIntervalSince1970: 1_770_095_106)
            let asked = node.administration.state.withLock { $0.auditFilters }
            #expect(asked == [filter])
            for query in ["created_after=yesterday", "actor=a&actor=b", "who=x", "object=%00"] {
                let refused = try await node.request("GET", "/admin/audit?" + query)
                #expect(refused.status == 422 && refused.code == "invalid_query", "\(query)")
            }
        }
    }

    @Test func aChangeKnowsItsRequest() async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("PATCH", "/admin/accounts/main/shares/UK", #"{"rate": 9}"#)
            let id = try #require(answer.headers["x-request-id"])
            let known = node.administration.state.withLock { $0.requestIDs }
            #expect(answer.status == 200 && known == [id])
        }
    }

    @Test func anEntrySaysWhatWasBeforeAndAfter() async throws {
        try await TestOperator.run { node in
            node.administration.set { state in
                state.audit = [
                    AuditEntry(
                        id: 2,
                        at: Date(timeIntervalSince1970: 1_760_000_000),
                        actor: "admin <ops>, key 1",
                        action: "change",
                        object: "share main/UK",
                        detail: #"{"change": "rate 10 -> 12"}"#,
                        before: #"{"rate": 10}"#,
                        after: #"{"rate": 12}"#,
                        requestID: "r-1"
                    )
                ]
            }
            let body = try await node.request("GET", "/admin/audit").body
            #expect(
                body
                    == #"{"data":[{"id":2,"at":"2025-10-09T08:53:20.000Z","actor":"admin <ops>, key 1","action":"change","#
                    + #""object":"share main/UK","detail":{"change": "rate 10 -> 12"},"before":{"rate": 10},"#
                    + #""after":{"rate": 12},"request_id":"r-1"}],"has_more":false}"#
            )
        }
    }
}
