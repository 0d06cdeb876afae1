import Foundation
import Gateway
import Mail
import Testing

@testable import Outbox

/// `POST /send/broadcast`.
@Suite(.timeLimit(.minutes(5))) struct BroadcastTests {
    private static let head = #"{"from":"a@apa.example","subject":"News","text":"Hello","stream":"bulk"}"#

    private func post(
        _ gateway: TestGateway,
        _ lines: [String],
        type: String = "application/x-ndjson"
    ) async throws -> TestAnswer {
        let body = lines.joined(separator: "\n") + "\n"
        return try await gateway.request("POST", "/send/broadcast", headers: ["Content-Type": type], body: body)
    }

    private static func lines(_ answer: TestAnswer) -> [Int] {
        (answer.json["errors"] as? [[String: Any]] ?? []).compactMap { $0["line"] as? Int }
    }

    @Test func acceptsALineForEach() async throws {
        try await TestGateway.run { gateway in
            let answer = try await post(
                gateway,
                [Self.head, #"{"to":"Ann <a@x.example>"}"#, "", #" {"to": "b@x.example"} "# + "\r"]
            )
            #expect(answer.status == 202)
            let accepted = try #require(gateway.broadcasts.accepted.first)
            #expect(answer.body == #"{"id":"\#(accepted.message.id)","status":"queued","recipients":2}"#)
            #expect(accepted.recipients.map(\.email) == ["a@x.example", "b@x.example"])
            #expect(accepted.recipients.allSatisfy { $0.data == nil })
            #expect(accepted.message.stream == .bulk)
            #expect(accepted.message.subject == "News")
            guard case .templated(let content) = try accepted.message.content.form() else {
                Issue.record("not templated")
                return
            }
            #expect(content.frame.source == .fixed(TemplateSource(subject: "News", text: "Hello", html: nil)))
            #expect(!content.isEach)
        }
    }

    @Test func laysOwnDataOverThoseOfAll() async throws {
        try await TestGateway.run { gateway in
            gateway.templates.set("news", [TemplateSource(subject: "{{title}}", text: "Dear {{name}}", html: nil)])
            let head = #"{"from":"a@apa.example","template":"news","data":{"title":"T","name":"reader"}}"#
            let lines = [
                head, #"{"to":"a@x.example","data":{"name":"Ann","n":[1,null]}}"#, #"{"to":"b@x.example"}"#,
            ]
            #expect(try await post(gateway, lines).status == 202)
            let accepted = try #require(gateway.broadcasts.accepted.first)
            #expect(accepted.recipients.map { $0.data == nil } == [false, true])
            let own = try JSONDecoder().decode(
                TemplateValue.self,
                from: Data(try #require(accepted.recipients[0].data))
            )
            #expect(own == .object(["name": .text("Ann"), "n": .list([.integer(1), .null])]))
            guard case .templated(let content) = try accepted.message.content.form() else {
                Issue.record("not templated")
                return
            }
            #expect(content.isEach)
            #expect(content.frame.source == .version(1))
        }
    }

    @Test func saysWhatIsWrongWithEachLine() async throws {
        try await TestGateway.run { gateway in
            gateway.templates.set("news", [TemplateSource(subject: "S", text: "Dear {{name}}", html: nil)])
            let head = #"{"from":"a@apa.example","template":"news"}"#
            let answer = try await post(
                gateway,
                [
                    head, #"{"to":"a@x.example","data":{"name":"Ann"}}"#, #"{"to":"nobody"}"#,
                    #"{"to":"b@x.example"}"#, "{", #"{"to":"c@x.example","data":{"name":"C"},"metadata":{}}"#,
                    #"{"to":"A@X.example","data":{"name":"Ann"}}"#, #"{"to":"d@x.example","data":7}"#,
                    #"{"to":"e@x.example","data":{"name":"\#(String(repeating: "x", count: 17_000))"}}"#,
                ]
            )
            #expect(answer.status == 422)
            #expect(answer.code == "invalid_message")
            #expect(Self.lines(answer) == [3, 4, 5, 6, 7, 8, 9])
            #expect(answer.pointers == ["/to", "/data/name", "", "/metadata", "/to", "/data", "/data"])
            #expect(gateway.broadcasts.accepted.isEmpty)
        }
    }

    @Test func stopsAfterAHundredBadLines() async throws {
        try await TestGateway.run { gateway in
            let answer = try await post(gateway, [Self.head] + (0..<300).map { _ in #"{"to":"bad"}"# })
            #expect(answer.status == 422)
            #expect(Self.lines(answer) == Array(2...101))
            #expect(answer.headers["connection"] == "close")
        }
    }

    @Test(
        arguments: [
            (#"{"from":"a@apa.example","subject":"s","text":"t","to":"x@x.example"}"#, "/to"),
            (#"{"from":"a@apa.example","subject":"s","text":"t","bcc":"x@x.example"}"#, "/bcc"),
            (#"{"from":"a@apa.example","subject":"s"}"#, "/text"),
            (#"{"from":"a@apa.example","text":"s"}"#, "/subject"),
            (#"{"from":"a@apa.example","template":"none"}"#, "/template"),
            (#"{"from":"a@apa.example","subject":"s","text":"t","split":false}"#, "/split"),
            (#"{"from":"a@apa.example","subject":"s","text":"t","headers":{"X-A":"ä"}}"#, "/headers"),
            (#"{"from":"a@apa.example","subject":"s","text":"t","region":"XX"}"#, "/region"),
            (#"{"to":"a@x.example"}"#, "/from"),
        ]
    )
    func refusesABadFirstLine(_ head: String, _ pointer: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await post(gateway, [head, #"{"to":"a@x.example"}"#])
            #expect(answer.status == 422)
            #expect(answer.pointers == [pointer])
            #expect(gateway.broadcasts.accepted.isEmpty)
        }
    }

    @Test func refusesWhatIsNoBroadcast() async throws {
        try await TestGateway.run { gateway in
            let long = #"{"to":"\#(String(repeating: "x", count: 70_000))@x.example"}"#
            let stranger = Self.head.replacing("apa.example", with: "other.example")
            let one = #"{"to":"a@x.example"}"#
            let cases: [(lines: [String], status: Int)] = [
                ([Self.head], 422), ([""], 400), ([stranger, one], 403), ([Self.head, long], 413),
            ]
            for (lines, status) in cases {
                let answer = try await post(gateway, lines)
                #expect(answer.status == status)
            }
            let typed = try await post(gateway, [Self.head, one], type: "application/json")
            #expect(typed.status == 415)
            let keyed = try await gateway.request(
                "POST",
                "/send/broadcast",
                headers: ["Content-Type": "application/x-ndjson", "Idempotency-Key": "k"],
                body: "\(Self.head)\n\(one)\n"
            )
            #expect(keyed.status == 400)
        }
    }

    @Test func takesFiftyThousandAndNoMore() async throws {
        try await TestGateway.run { gateway in
            let recipients = (1...50_001).map { #"{"to":"r\#($0)@x.example"}"# }
            #expect(try await post(gateway, [Self.head] + recipients.dropLast()).status == 202)
            let accepted = try #require(gateway.broadcasts.accepted.first)
            #expect(accepted.recipients.count == 50_000)
            #expect(accepted.recipients.last?.email == "r50000@x.example")
            let answer = try await post(gateway, [Self.head] + recipients)
            #expect(answer.status == 422)
            #expect(gateway.broadcasts.accepted.count == 1)
        }
    }

    @Test func refusesWhatThereIsNoRoomFor() async throws {
        let small: (inout GatewayConfiguration) -> Void = { $0.maximumSpoolBytes = 1000 }
        try await TestGateway.run(configure: small) { gateway in
            let few = (1...3).map { #"{"to":"r\#($0)@x.example"}"# }
            let many = (1...100).map { #"{"to":"r\#($0)@x.example"}"# }
            let answer = try await post(gateway, [Self.head] + many)
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "5")
            #expect(try await post(gateway, [Self.head] + few).status == 202, "the room was given back")
        }
        try await TestGateway.run(configure: { $0.maximumBroadcasts = 0 }) { gateway in
            let answer = try await post(gateway, [Self.head, #"{"to":"a@x.example"}"#])
            #expect(answer.status == 503)
        }
    }

    @Test func dataAreMeasuredBeforeTheyAreUsed() async throws {
        try await TestGateway.run { gateway in
            gateway.templates.set("news", [TemplateSource(subject: "S", text: "{{n}}", html: nil)])
            let data = #""data":{"n":"\#(String(repeating: "x", count: 270_000))"}"#
            let head = #"{"from":"a@apa.example","template":"news",\#(data)}"#
            let json = ["Content-Type": "application/json"]
            let broadcast = try await post(gateway, [head, #"{"to":"a@x.example"}"#])
            let mail = try await gateway.request(
                "POST",
                "/send",
                headers: json,
                body: #"{"from":"a@apa.example","to":"a@x.example","template":"news",\#(data)}"#
            )
            let rendered = try await gateway.request("POST", "/templates/news/render", headers: json, body: "{\(data)}")
            for answer in [broadcast, mail, rendered] {
                #expect(answer.status == 422)
                #expect(answer.pointers == ["/data"])
                #expect(answer.body.contains("is larger than 262144 bytes"))
            }
        }
    }

    @Test func aBodyThatBreaksOffIsNothing() async throws {
        try await TestGateway.run { gateway in
            let text =
                "POST /send/broadcast HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(TestDirectory.apaKey)\r\n"
                + "Content-Type: application/x-ndjson\r\nContent-Length: 5000\r\n\r\n\(Self.head)\n{\"to\":\"a@x.example\"}\n"
            _ = try? await gateway.exchange(Array(text.utf8), half: true)
            #expect(gateway.broadcasts.accepted.isEmpty)
        }
    }
}
