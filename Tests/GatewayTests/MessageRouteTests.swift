import Foundation
import Gateway
import Mail
import Postgres
import Testing

@testable import Outbox

/// What `/messages/{id}` and what is below it say.
@Suite(.timeLimit(.minutes(5))) struct MessageRouteTests {
    private static let id = "018f0000-0000-7abc-8000-000000000000"

    private static func view(
        _ statuses: [MessageStatus],
        waiting: MessageView.Waiting? = nil,
        laneID: Int32 = 10
    ) throws -> MessageView {
        MessageView(
            id: try #require(MessageID(id)),
            region: "AT",
            stream: "transactional",
            laneID: laneID,
            from: "=?utf-8?q?=C3=84rzte?= <a@apa.example>",
            subject: "Grüße \"7\"",
            tags: #"{"a": "1"}"#,
            metadata: nil,
            createdAt: Date(timeIntervalSince1970: 1_700_000_000.5),
            scheduledAt: nil,
            expiresAt: Date(timeIntervalSince1970: 1_700_003_600),
            recipients: statuses.enumerated().map { index, status in
                MessageView.Recipient(
                    email: "r\(index)@x.example",
                    kind: .to,
                    status: status,
                    attempts: index,
                    sesMessageID: status == .sent ? "ses-1" : nil,
                    detail: status == .failed ? "refused" : nil,
                    lastEvent: EventType(status),
                    updatedAt: Date(timeIntervalSince1970: 1_700_000_001)
                )
            },
            waiting: waiting
        )
    }

    @Test func showsAMessage() async throws {
        try await TestGateway.run { gateway in
            let view = try Self.view([.sent])
            gateway.store.set { $0.views = [view] }
            let answer = try await gateway.request("GET", "/messages/\(Self.id)")
            #expect(answer.status == 200)
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(
                answer.body
                    == #"{"id":"\#(Self.id)","status":"sent","region":"AT","stream":"transactional","#
                    + #""from":"Ärzte <a@apa.example>","subject":"Grüße \"7\"","tags":{"a": "1"},"metadata":{},"#
                    + #""created_at":"2023-11-14T22:13:20.500Z","scheduled_at":null,"#
                    + #""expires_at":"2023-11-14T23:13:20.000Z","recipients":[{"email":"r0@x.example","kind":"to","#
                    + #""status":"sent","attempts":0,"ses_message_id":"ses-1","last_event":"email.sent","#
                    + #""updated_at":"2023-11-14T22:13:21.000Z"}],"recipient_count":1,"has_more":false}"#
            )
        }
    }

    @Test func countsWhereRecipientsDiffer() async throws {
        try await TestGateway.run { gateway in
            let view = try Self.view([.sent, .failed, .sent])
            gateway.store.set { $0.views = [view] }
            let json = try await gateway.request("GET", "/messages/\(Self.id)").json
            #expect(json["status"] as? String == "mixed")
            #expect(json["counts"] as? [String: Int] == ["sent": 2, "failed": 1])
            let recipients = try #require(json["recipients"] as? [[String: Any]])
            #expect(recipients.map { $0["detail"] as? String } == [nil, "refused", nil])
        }
    }

    @Test func saysWhyItWaits() async throws {
        try await TestGateway.run { gateway in
            let until = Date(timeIntervalSince1970: 1_700_000_000)
            let view = try Self.view(
                [.queued],
                waiting: .init(
                    blocker: .dailyQuota,
                    detail: "spent",
                    until: until,
                    position: 12,
                    rate: 7.456,
                    eta: until.addingTimeInterval(1.5)
                )
            )
            gateway.store.set { $0.views = [view] }
            let answer = try await gateway.request("GET", "/messages/\(Self.id)")
            #expect(
                answer.body.hasSuffix(
                    #""waiting":{"lane":"main/AT/apa/transactional","position":12,"rate":7.46,"#
                        + #""blocker":"daily_quota","detail":"spent","until":"2023-11-14T22:13:20.000Z","#
                        + #""eta":"2023-11-14T22:13:21.500Z"}}"#
                )
            )
        }
    }

    @Test(arguments: [(0.0, "0"), (30, "30"), (9.5, "9.5"), (28.436, "28.44"), (0.05, "0.05"), (0.001, "0")])
    func roundsTheRate(rate: Double, text: String) async throws {
        try await TestGateway.run { gateway in
            let view = try Self.view([.queued], waiting: .init(blocker: .share, rate: rate))
            gateway.store.set { $0.views = [view] }
            let answer = try await gateway.request("GET", "/messages/\(Self.id)")
            #expect(answer.body.contains(#""rate":\#(text),"blocker":"share"}"#))
        }
    }

    @Test func saysWhatItCanOfALaneThatIsGone() async throws {
        try await TestGateway.run { gateway in
            let view = try Self.view([.queued], waiting: .init(blocker: .share), laneID: 99)
            gateway.store.set { $0.views = [view] }
            let json = try await gateway.request("GET", "/messages/\(Self.id)").json
            #expect(json["waiting"] as? [String: String] == ["blocker": "share"])
        }
    }

    @Test func listsEvents() async throws {
        try await TestGateway.run { gateway in
            let view = try Self.view([.failed])
            gateway.store.set {
                $0.views = [view]
                $0.events = [
                    MessageEvent(
                        id: "1",
                        type: .queued,
                        recipient: "r0@x.example",
                        status: .queued,
                        at: Date(timeIntervalSince1970: 0),
                        data: nil
                    ),
                    MessageEvent(
                        id: "2",
                        type: .failed,
                        recipient: "r0@x.example",
                        status: .failed,
                        at: Date(timeIntervalSince1970: 1),
                        data: #"{"reason": "x"}"#
                    ),
                ]
            }
            let answer = try await gateway.request("GET", "/messages/\(Self.id)/events")
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"data":[{"id":"1","type":"email.queued","recipient":"r0@x.example","#
                    + #""status":"queued","timestamp":"1970-01-01T00:00:00.000Z"},{"id":"2","type":"email.failed","#
                    + #""recipient":"r0@x.example","status":"failed","timestamp":"1970-01-01T00:00:01.000Z","data":{"reason": "x"}}],"has_more":false}"#
            )
        }
    }

    @Test func cancels() async throws {
        try await TestGateway.run { gateway in
            gateway.store.set { $0.cancellation = .init(canceled: 2, tooLate: 1) }
            let answer = try await gateway.request("POST", "/messages/\(Self.id)/cancel")
            #expect(answer.status == 200)
            #expect(answer.body == #"{"id":"\#(Self.id)","canceled":2,"too_late":1}"#)
            gateway.store.set { $0.cancellation = .init(canceled: 0, tooLate: 3) }
            let late = try await gateway.request("POST", "/messages/\(Self.id)/cancel")
            #expect(late.status == 409)
            #expect(late.code == "too_late")
        }
    }

    /// A malformed id, an unknown one and another tenant's are one answer, so that ids cannot be probed.
    @Test func tellsNothingOfWhatIsNotTheTenants() async throws {
        try await TestGateway.run { gateway in
            let view = try Self.view([.sent])
            gateway.store.set {
                $0.views = [view]
                $0.cancellation = .init(canceled: 1, tooLate: 0)
            }
            for (method, suffix) in [("GET", ""), ("GET", "/events"), ("POST", "/cancel")] {
                let foreign = try await gateway.request(
                    method,
                    "/messages/\(Self.id)\(suffix)",
                    key: TestDirectory.omvKey,
                    headers: ["X-Request-Id": "same"]
                )
                #expect(foreign.status == 404)
                #expect(foreign.code == "not_found")
                for id in [
                    "x", "018F0000-0000-7ABC-8000-000000000000", "018f0000-0000-7abc-8000-000000000001", "..",
                    "018f0000-0000-4abc-8000-000000000000", "%00",
                ] {
                    let answer = try await gateway.request(
                        method,
                        "/messages/\(id)\(suffix)",
                        headers: ["X-Request-Id": "same"]
                    )
                    #expect(answer.status == 404)
                    #expect(answer.body == foreign.body)
                }
            }
        }
    }

    /// What the database refuses for the request's sake is not our own fault.
    @Test(arguments: [
        ("22021", 400, "invalid_request"), ("22P05", 400, "invalid_request"), ("57014", 503, "overloaded"),
        ("22003", 500, "internal"),
    ])
    func mapsWhatTheDatabaseRefuses(state: String, status: Int, code: String) async throws {
        try await TestGateway.run { gateway in
            var error = PostgresError(.server, "no")
            error.sqlState = SQLState(rawValue: state)
            gateway.store.set { [error] in $0.failure = error }
            let answer = try await gateway.request("GET", "/messages/\(Self.id)")
            #expect(answer.status == status && answer.code == code)
            #expect((answer.headers["retry-after"] != nil) == (status == 503))
        }
    }

    @Test func hidesWhatWentWrong() async throws {
        struct Secret: Error, CustomStringConvertible {
            let description = "secret"
        }
        try await TestGateway.run { gateway in
            gateway.store.set { $0.failure = Secret() }
            let answer = try await gateway.request("GET", "/messages/\(Self.id)")
            #expect(answer.status == 500)
            #expect(answer.code == "internal")
            #expect(!answer.body.contains("secret"))
        }
    }
}
