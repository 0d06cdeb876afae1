import Directory
import Foundation
import Testing

/// What operators see of feedback, and the alarms that they take off the list.
@Suite(.timeLimit(.minutes(5))) struct FeedbackAdminTests {
    private static let start = Date(timeIntervalSince1970: 1_760_000_000)

    private static func alarm(_ object: String, account: String = "main") -> OperatorAlarm {
        OperatorAlarm(
            account: account,
            kind: "private_relay",
            object: object,
            detail: "register it",
            times: 3,
            firstAt: start,
            lastAt: start
        )
    }

    @Test func sourcesAndKeptCountsAreShownByAccount() async throws {
        try await TestOperator.run { node in
            node.feedback.set {
                $0.figures = [
                    FeedbackFigures(
                        account: "main",
                        sources: [
                            .init(
                                source: "arn:aws:sns:x",
                                confirmedAt: Self.start,
                                endedAt: nil,
                                receivedAt: Self.start,
                                eventAt: nil,
                                events: 7
                            )
                        ],
                        kept: ["stale": 1, "not_json": 2]
                    ),
                    FeedbackFigures(account: nil, sources: [], kept: ["bad_signature": 4]),
                ]
            }
            let answer = try await node.request("GET", "/admin/feedback")
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"data":[{"account":"main","sns_topics":[],"sqs_queue_url":null,"sources":[{"#
                    + #""source":"arn:aws:sns:x","confirmed_at":"2025-10-09T08:53:20.000Z","ended_at":null,"#
                    + #""received_at":"2025-10-09T08:53:20.000Z","event_at":null,"events":7}],"#
                    + #""kept":{"not_json":2,"stale":1}},{"account":null,"sns_topics":[],"sqs_queue_url":null,"#
                    + #""sources":[],"kept":{"bad_signature":4}}]}"#
            )
            #expect(try await node.request("GET", "/admin/feedback?x=1").status == 422)
            #expect(try await node.request("GET", "/admin/feedback", key: TestDirectory.apaKey).status == 403)
        }
    }

    @Test func whatIsKeptComesByPages() async throws {
        try await TestOperator.run { node in
            node.feedback.set { state in
                state.kept = (1...4).reversed().map { id in
                    KeptFeedback(
                        id: Int64(id),
                        at: Self.start,
                        account: id == 1 ? nil : "main",
                        source: "",
                        reason: "not_json",
                        detail: "x",
                        body: #"{"a"#
                    )
                }
            }
            func ids(_ query: String) async throws -> [Int] {
                let answer = try await node.request("GET", "/admin/feedback/kept\(query)")
                return (answer.json["data"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? Int }
            }
            #expect(try await ids("") == [4, 3, 2, 1])
            #expect(try await ids("?account=main&limit=2") == [4, 3])
            #expect(try await ids("?account=main&limit=2&after=3") == [2])
            #expect(try await ids("?limit=2&before=1") == [3, 2])
            let first = try await node.request("GET", "/admin/feedback/kept?limit=1")
            #expect(first.body.contains(#""body":"{\"a""#) && first.json["has_more"] as? Bool == true)
            #expect(try await node.request("GET", "/admin/feedback/kept?account=none").status == 404)
            #expect(try await node.request("GET", "/admin/feedback/kept?reason=x").status == 422)
        }
    }

    @Test func alarmsAreShownAndTakenOff() async throws {
        try await TestOperator.run { node in
            node.feedback.set { $0.alarms = [Self.alarm("b.example"), Self.alarm("a.example/x y")] }
            let list = try await node.request("GET", "/admin/alarms")
            let data = try #require(list.json["data"] as? [[String: Any]])
            #expect(
                data.map { $0["id"] as? String } == [
                    "main/private_relay/a.example/x y", "main/private_relay/b.example",
                ]
            )
            #expect(data[1]["times"] as? Int == 3)
            let rest = try await node.request("GET", "/admin/alarms?limit=1&after=main/private_relay/a.example/x%20y")
            #expect((rest.json["data"] as? [[String: Any]])?.count == 1)
            for path in ["main/private_relay/c.example", "other/private_relay/b.example", "main/private_relay/%zz"] {
                #expect(try await node.request("DELETE", "/admin/alarms/\(path)").status == 404, "\(path)")
            }
            #expect(try await node.request("DELETE", "/admin/alarms/main/private_relay/a.example/x%20y").status == 204)
            #expect(try await node.request("DELETE", "/admin/alarms/main/private_relay/b.example").status == 204)
            #expect(node.feedback.cleared.count == 2)
            #expect(node.feedback.cleared[1].hasPrefix("main private_relay b.example by admin ops"))
            #expect(try await node.request("GET", "/admin/alarms").body == #"{"data":[],"has_more":false}"#)
        }
    }
}
