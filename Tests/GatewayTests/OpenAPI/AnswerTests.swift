import APIText
import Dashboard
import Foundation
import Mail
import Testing

@testable import Gateway
@testable import Outbox
@testable import Webhooks

/// The routes take the documents' examples, and answer as the documents say: by the word of a JSON Schema validator that is
/// not ours.
@Suite(
    .timeLimit(.minutes(5)),
    .enabled(if: DocumentReferee.folder != nil, DocumentReferee.skipped)
)
struct AnswerTests {
    private static let message = "019a1f5e-7c1a-7b52-8f41-3d2c5b7a0000"
    /// That is made on the way.
    private static let firstKey = "00000000-0000-7000-8000-000000000001"
    private static let time = Date(timeIntervalSince1970: 1_700_000_000)

    @Test(arguments: ["tenant", "admin"])
    func theDocumentIsOpenAPIAndItsExamplesAreAsItSays(name: String) async throws {
        let document = try APIDocument(name == "tenant" ? Fragments.tenant : Fragments.admin)
        #expect(try await DocumentReferee.findings("document", document.json(server: "/").text) == [])
    }

    @Test(arguments: ["tenant", "admin"])
    func thePagesAreWhole(name: String) async throws {
        let document = try APIDocument(name == "tenant" ? Fragments.tenant : Fragments.admin)
        let pages = DocumentationPages(document).pages.map { ($0.key, JSONValue.string($0.value.text)) }
        #expect(pages.count > 45)
        #expect(try await DocumentReferee.findings("pages", JSONValue.object(pages).text) == [])
    }

    /// Those that `POST /webhooks/{id}/test` sends have all members of real ones.
    @Test func whatWebhooksAreSentIsAsTheDocumentSays() async throws {
        let document = try APIDocument(Fragments.tenant).json
        let payloads = EventNames.delivered.map { type in
            let data = TestEvent.data(type: type, endpoint: Self.message, region: "AT")
            return JSONValue.object([
                ("type", .string(type)), ("timestamp", .time(Self.time)), ("data", .verbatim(data)),
            ]).text
        }
        let list = "[\(payloads.joined(separator: ","))]"
        #expect(try await DocumentReferee.findings("payloads", document.text, list) == [])
    }

    @Test func thePublicListenerAnswersAsItsDocumentSays() async throws {
        let document = try APIDocument(Fragments.tenant).json
        let webhook = TestWebhooks.id(1).uuidString.lowercased()
        let tour = DocumentTour(
            document: document,
            values: [
                "/messages {id}": Self.message, "/webhooks {id}": webhook, "/webhooks {delivery}": webhook,
                "/templates {version}": "1", "/keys {id}": Self.firstKey,
                "/u {token}": try TestDirectory.unsubscribeToken(),
            ]
        )
        try await TestGateway.run(feedback: { _ in .accepted }) { gateway in
            try await Self.furnish(gateway)
            try await Self.judge(tour) { call, isAsked in
                try await gateway.request(
                    call.method,
                    isAsked ? call.path : call.path + "?no_such=1",
                    key: call.isOpen ? nil : TestDirectory.apaKey,
                    headers: call.type.map { ["Content-Type": $0] } ?? [:],
                    body: call.body
                )
            } withoutKey: { call in
                try await gateway.request(call.method, call.path, key: nil)
            }
        }
    }

    @Test func theOperatorListenerAnswersAsItsDocumentSays() async throws {
        let tour = DocumentTour(
            document: try APIDocument(Fragments.admin).json,
            values: [
                "/admin {id}": Self.firstKey,
                "/admin/webhooks/{id}/replay {id}": TestTrouble.endpoint.uuidString.lowercased(),
            ]
        )
        try await TestOperator.run { node in
            try await Self.judge(tour) { call, isAsked in
                try await node.request(
                    call.method,
                    isAsked ? call.path : call.path + "?no_such=1",
                    key: call.isOpen ? nil : TestDirectory.adminKey,
                    ifMatch: call.needsVersion ? "*" : nil,
                    type: call.type ?? "application/json",
                    call.body
                )
            } withoutKey: { call in
                try await node.request(call.method, call.path, key: nil)
            }
        }
    }

    /// - Parameter ask: with a parameter that there is not, unless it is really asked.
    private static func judge(
        _ tour: DocumentTour,
        _ ask: (DocumentTour.Call, Bool) async throws -> TestAnswer,
        withoutKey: (DocumentTour.Call) async throws -> TestAnswer
    ) async throws {
        var exchanges: [DocumentTour.Exchange] = []
        #expect(tour.calls.count > 25)
        for call in tour.calls {
            if !call.isOpen {
                let refused = try await withoutKey(call)
                #expect(refused.status == 401, "\(call.method) \(call.path)")
                exchanges.append(DocumentTour.Exchange(call, refused))
                if call.method == "GET" { exchanges.append(DocumentTour.Exchange(call, try await ask(call, false))) }
            }
            let answer = try await ask(call, true)
            if call.body != nil {
                #expect(
                    (200..<300).contains(answer.status),
                    "\(call.method) \(call.path) \(call.body ?? ""): \(answer.status) \(answer.body)"
                )
            }
            exchanges.append(DocumentTour.Exchange(call, answer))
        }
        let answers = String(decoding: try JSONEncoder().encode(exchanges), as: UTF8.self)
        #expect(try await DocumentReferee.findings("answers", tour.document.text, answers) == [])
    }

    /// What the examples speak of.
    private static func furnish(_ gateway: TestGateway) async throws {
        let view = try view()
        gateway.store.set { state in
            state.views = [view]
            state.events = [
                MessageEvent(
                    id: message,
                    type: .queued,
                    recipient: "a@x.example",
                    status: .queued,
                    at: time,
                    data: #"{"attempt": 1}"#
                )
            ]
            state.cancellation = Cancellation.Answer(canceled: 1, tooLate: 0)
        }
        _ = try await gateway.json("POST", "/webhooks", #"{"url": "https://a.example/"}"#)
        gateway.webhooks.set { state in
            state.deliveries = [
                WebhookDelivery(
                    id: TestWebhooks.id(1),
                    eventID: TestWebhooks.id(2),
                    type: "email.sent",
                    messageID: message,
                    isReplay: false,
                    status: .pending,
                    nextAttemptAt: time,
                    attempts: #"[{"at": "2026-02-03T04:05:06.789Z", "status_code": 500, "duration_ms": 12}]"#
                )
            ]
        }
        gateway.templates.set("welcome", [TemplateSource(subject: "Hello {{name}}", text: "x", html: nil)])
        _ = try await gateway.json("POST", "/suppressions", #"{"email": "reader@example.org"}"#)
    }

    private static func view() throws -> MessageView {
        MessageView(
            id: try #require(MessageID(message)),
            region: "AT",
            stream: "transactional",
            laneID: 10,
            from: "a@apa.example",
            subject: nil,
            tags: nil,
            metadata: #"{"a": "1"}"#,
            createdAt: time,
            scheduledAt: nil,
            expiresAt: time,
            recipients: [MessageStatus.sent, .failed].map { status in
                MessageView.Recipient(
                    email: "a@x.example",
                    kind: .to,
                    status: status,
                    attempts: 1,
                    sesMessageID: nil,
                    detail: "refused",
                    lastEvent: nil,
                    updatedAt: time
                )
            },
            waiting: MessageView.Waiting(blocker: .share, until: time, position: 3, rate: 1.5, eta: time)
        )
    }
}
