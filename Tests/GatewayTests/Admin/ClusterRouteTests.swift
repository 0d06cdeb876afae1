import Foundation
import Testing

@testable import Directory
@testable import Outbox

@Suite(.timeLimit(.minutes(5))) struct ClusterRouteTests {
    private static let start = Date(timeIntervalSince1970: 1_760_000_000)

    private func ids(_ answer: TestAnswer) -> [Int] {
        (answer.json["data"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? Int }
    }

    @Test func theStorageSaysWhatIsWrong() async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("GET", "/admin/storage")
            #expect(answer.status == 200)
            let findings = answer.json["data"] as? [[String: String]]
            #expect(
                findings == [
                    ["check": "horizon", "level": "problem", "object": "session 7", "detail": "held for 90 s"]
                ]
            )
        }
    }

    @Test func loansAndTheAuditComeByPages() async throws {
        try await TestOperator.run { node in
            node.administration.set { state in
                for id in (1...5).reversed() {
                    state.loans.append(
                        LoanEntry(
                            id: Int64(id),
                            lender: "UK",
                            borrower: "other",
                            credits: 4,
                            from: Self.start,
                            to: id == 5 ? nil : Self.start
                        )
                    )
                    state.audit.append(
                        AuditEntry(
                            id: Int64(id),
                            at: Self.start,
                            actor: "cli:root",
                            action: "change",
                            object: "share main/AT",
                            detail: #"{"change": "rate 1 -> 2"}"#
                        )
                    )
                }
            }
            for path in ["/admin/accounts/main/loans", "/admin/audit"] {
                let all = try await node.request("GET", path)
                #expect(ids(all) == [5, 4, 3, 2, 1] && all.json["has_more"] as? Bool == false)
                let first = try await node.request("GET", path + "?limit=2")
                #expect(ids(first) == [5, 4] && first.json["has_more"] as? Bool == true)
                let last = try await node.request("GET", path + "?limit=2&after=3")
                #expect(ids(last) == [2, 1] && last.json["has_more"] as? Bool == false)
                let before = try await node.request("GET", path + "?limit=2&before=2")
                #expect(ids(before) == [4, 3] && before.json["has_more"] as? Bool == true)
                for query in ["limit=0", "limit=101", "limit=x", "after=x", "after=1&before=5", "page=2"] {
                    let answer = try await node.request("GET", path + "?" + query)
                    #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
                }
            }
            let loan = try #require(
                (try await node.request("GET", "/admin/accounts/main/loans?limit=1").json["data"] as? [[String: Any]])?
                    .first
            )
            #expect(loan["lender"] as? String == "UK" && loan["borrower"] as? String == "other")
            #expect(loan["credits"] as? Int == 4 && loan["to"] is NSNull)
            #expect(loan["from"] as? String == "2025-10-09T08:53:20.000Z")
            let entry = try #require(
                (try await node.request("GET", "/admin/audit?limit=1").json["data"] as? [[String: Any]])?.first
            )
            #expect(entry["actor"] as? String == "cli:root")
            #expect(entry["detail"] as? [String: String] == ["change": "rate 1 -> 2"])
        }
    }

    @Test func nodesSayWhatTheyDo() async throws {
        try await TestOperator.run { node in
            node.administration.set { state in
                state.nodes = ["b", "a"].map { name in
                    NodeFigures(
                        name: name,
                        epoch: 3,
                        roles: ["dispatch"],
                        startedAt: Self.start,
                        work: [
                            .init(
                                account: "main",
                                isLeader: name == "a",
                                isDraining: false,
                                parked: nil,
                                granted: 25,
                                shares: ["AT"]
                            )
                        ]
                    )
                }
            }
            let answer = try await node.request("GET", "/admin/nodes")
            let data = try #require(answer.json["data"] as? [[String: Any]])
            #expect(data.map { $0["id"] as? String } == ["a:3", "b:3"])
            let work = try #require(data[0]["work"] as? [[String: Any]])
            #expect(work[0]["leader"] as? Bool == true && work[0]["granted"] as? Int == 25)
            #expect(work[0]["shares"] as? [String] == ["AT"])
            let rest = try await node.request("GET", "/admin/nodes?after=a:3")
            #expect((rest.json["data"] as? [[String: Any]])?.count == 1)
        }
    }

    @Test func theQueueIsShownByLane() async throws {
        try await TestOperator.run { node in
            node.administration.set { state in
                state.depths = [
                    QueueDepth(laneID: 10, ready: 5, deferred: 2, oldestAt: Self.start),
                    QueueDepth(laneID: 99, ready: 0, deferred: 1, oldestAt: nil),
                ]
            }
            let answer = try await node.request("GET", "/admin/queue")
            let data = try #require(answer.json["data"] as? [[String: Any]])
            #expect(data[0]["lane"] as? String == "main/AT/apa/transactional")
            #expect(data[0]["ready"] as? Int == 5 && data[0]["deferred"] as? Int == 2)
            #expect((data[0]["oldest_age"] as? Int ?? 0) > 1_000_000)
            #expect(data[1]["lane"] is NSNull && data[1]["oldest_age"] is NSNull)
            #expect(ids(try await node.request("GET", "/admin/queue?before=99")) == [10])
        }
    }

    @Test func tenantsAreShown() async throws {
        try await TestOperator.run { node in
            let list = try await node.request("GET", "/admin/tenants?limit=2")
            #expect((list.json["data"] as? [[String: Any]])?.map { $0["name"] as? String } == ["apa", "omv"])
            #expect(list.json["has_more"] as? Bool == true)
            let back = try await node.request("GET", "/admin/tenants?limit=1&before=paused")
            #expect((back.json["data"] as? [[String: Any]])?.map { $0["name"] as? String } == ["omv"])
            let apa = try await node.request("GET", "/admin/tenants/apa")
            #expect(apa.json["default_region"] as? String == "AT")
            #expect(apa.json["regions"] as? [String: String] == ["AT": "main", "UK": "main"])
        }
    }
}
