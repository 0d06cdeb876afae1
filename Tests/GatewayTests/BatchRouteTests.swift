import Foundation
import Gateway
import Mail
import Testing

@testable import Outbox

/// What `POST /send/batch` accepts, and what each bad item does to the others.
@Suite(.timeLimit(.minutes(5))) struct BatchRouteTests {
    @Test func acceptsAllInOrder() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.batch([Self.item("1"), Self.item("2"), Self.item("3")])
            #expect(answer.status == 202)
            #expect(gateway.store.accepted.map(\.subject) == ["1", "2", "3"])
            let data = try #require(answer.json["data"] as? [[String: Any]])
            #expect(data.compactMap { $0["id"] as? String } == gateway.store.accepted.map(\.id.description))
            #expect(data.compactMap { $0["status"] as? String } == ["queued", "queued", "queued"])
        }
    }

    struct BadItem: Sendable, CustomTestStringConvertible {
        let json: String
        let status: Int
        let code: String
        let pointers: [String]

        var testDescription: String { json }

        init(_ json: String, _ status: Int, _ code: String, _ pointers: String...) {
            self.json = json
            self.status = status
            self.code = code
            self.pointers = pointers
        }
    }

    static let badItems = [
        BadItem("5", 422, "invalid_message", "/messages/1"),
        BadItem("null", 422, "invalid_message", "/messages/1"),
        BadItem("{}", 422, "invalid_message", "/messages/1/from"),
        BadItem(#"{"from":"a@apa.example","to":5}"#, 422, "invalid_message", "/messages/1/to"),
        BadItem(item("x", more: #","subjekt":"y""#), 422, "invalid_message", "/messages/1/subjekt"),
        BadItem(item("x", more: #","text":"again""#), 422, "invalid_message", "/messages/1/text"),
        BadItem(item("x", more: #","":1,"":2"#), 422, "invalid_message", "/messages/1/"),
        BadItem(item("x", more: #","tags":{"a":"1","a":"2"}"#), 422, "invalid_message", "/messages/1/tags/a"),
        BadItem(
            item("x", more: #","cc":["@","b@x.example","nobody"]"#),
            422,
            "invalid_message",
            "/messages/1/cc/0",
            "/messages/1/cc/2"
        ),
        BadItem(item("x", more: #","region":"MARS""#), 422, "unknown_region", "/messages/1/region"),
        BadItem(
            #"{"from":"a@other.example","to":"b@x.example","subject":"s","text":"t"}"#,
            403,
            "from_not_allowed",
            "/messages/1/from"
        ),
        BadItem(item("x", more: #","html":"\#(String(repeating: "x", count: 20_000))""#), 413, "too_large"),
    ]

    @Test(arguments: badItems) func aBadItemFailsAlone(_ bad: BadItem) async throws {
        try await TestGateway.run(configure: { $0.maximumMessageBytes = 10_000 }) { gateway in
            let answer = try await gateway.batch([Self.item("0"), bad.json, Self.item("2")])
            #expect(answer.status == 202)
            #expect(gateway.store.accepted.map(\.subject) == ["0", "2"])
            let data = try #require(answer.json["data"] as? [[String: Any]])
            #expect(data.map { $0["id"] != nil } == [true, false, true])
            let problem = try #require(data[1]["error"] as? [String: Any])
            #expect(problem["status"] as? Int == bad.status)
            #expect(problem["code"] as? String == bad.code)
            #expect((problem["detail"] as? String)?.isEmpty == false)
            #expect((problem["title"] as? String)?.isEmpty == false)
            #expect(problem["instance"] == nil)
            let pointers = (problem["errors"] as? [[String: Any]] ?? []).compactMap { $0["pointer"] as? String }
            #expect(pointers == bad.pointers)
        }
    }

    @Test(arguments: badItems) func aBadItemFailsAnAtomicBatch(_ bad: BadItem) async throws {
        try await TestGateway.run(configure: { $0.maximumMessageBytes = 10_000 }) { gateway in
            let answer = try await gateway.batch([Self.item("0"), bad.json, Self.item("2")], more: #","atomic":true"#)
            #expect(answer.status == 422)
            #expect(answer.code == "invalid_message")
            #expect(answer.pointers == (bad.pointers.isEmpty ? ["/messages/1"] : bad.pointers))
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func anAtomicBatchNamesEveryFault() async throws {
        try await TestGateway.run { gateway in
            let bad = #"{"from":"a@apa.example","to":"x","subject":"","text":"t"}"#
            let answer = try await gateway.batch([bad, Self.item("1"), "{}"], more: #","atomic":true"#)
            #expect(answer.pointers == ["/messages/0/to", "/messages/0/subject", "/messages/2/from"])
        }
    }

    @Test func answersForABatchOfWhichNothingIsRight() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.batch(["{}", "5"])
            #expect(answer.status == 202)
            #expect((answer.json["data"] as? [[String: Any]])?.allSatisfy { $0["error"] != nil } == true)
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func saysWhichItemTheDatabaseRefuses() async throws {
        try await TestGateway.run { gateway in
            gateway.store.set { $0.poison = ["1"] }
            let answer = try await gateway.batch([Self.item("0"), Self.item("1"), "{}", Self.item("3")])
            let data = try #require(answer.json["data"] as? [[String: Any]])
            #expect(data.map { $0["id"] != nil } == [true, false, false, true])
            #expect((data[1]["error"] as? [String: Any])?["code"] as? String == "invalid_message")
            #expect(gateway.store.accepted.map(\.subject) == ["0", "3"])
        }
    }

    @Test(arguments: [
        (0, 422, ["/messages"]), (1, 202, []), (500, 202, []), (501, 422, ["/messages"]), (1001, 422, ["/messages"]),
    ])
    func takesOneToFiveHundred(_ count: Int, _ status: Int, _ pointers: [String]) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.batch((0..<count).map { Self.item("\($0)") })
            #expect(answer.status == status)
            #expect(answer.pointers == pointers)
            #expect(gateway.store.accepted.count == (status == 202 ? count : 0))
        }
    }

    @Test(arguments: [
        ("", 400, "invalid_json", []), ("[]", 422, "invalid_message", [""]),
        ("{}", 422, "invalid_message", ["/messages"]),
        (#"{"messages":5}"#, 422, "invalid_message", ["/messages"]),
        (#"{"messages":null}"#, 422, "invalid_message", ["/messages"]),
        (#"{"messages":[{}],"atomic":"yes"}"#, 422, "invalid_message", ["/atomic"]),
        (#"{"messages":[{}],"mesages":[]}"#, 422, "invalid_message", ["/mesages"]),
        (#"{"messages":[{}],"messages":[]}"#, 422, "invalid_message", ["/messages"]),
        (#"{"messages":[{},]}"#, 400, "invalid_json", []),
    ])
    func refusesOtherBodies(_ body: String, _ status: Int, _ code: String, _ pointers: [String]) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.json("POST", "/send/batch", body)
            #expect(answer.status == status)
            #expect(answer.code == code)
            #expect(answer.pointers == pointers)
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func refusesOtherMethods() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/send/batch")
            #expect(answer.status == 405)
        }
    }

    static func item(_ subject: String, more: String = "") -> String {
        #"{"from":"a@apa.example","to":"b@x.example","subject":"\#(subject)","text":"t"\#(more)}"#
    }
}

extension TestGateway {
    func batch(_ items: [String], more: String = "", headers: [String: String] = [:]) async throws -> TestAnswer {
        try await request(
            "POST",
            "/send/batch",
            headers: ["Content-Type": "application/json"].merging(headers) { $1 },
            body: "{\"messages\":[\(items.joined(separator: ","))]\(more)}"
        )
    }
}
