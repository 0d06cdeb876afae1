import AWS
import Foundation
import Mail
import Outbound
import Testing

@testable import SES

/// How calls of several entries end, over a server that plays SES's part.
@Suite struct BulkOutcomeTests {
    private let call = BulkCall(
        from: "s@x.example",
        shared: TemplateSource(subject: "S", text: "T", html: nil),
        entries: ["a@x.example", "b@x.example", "c@x.example"].map { .init(to: $0, content: nil, tags: []) }
    )

    private func words(_ reply: LoopbackReply) async throws -> [String] {
        let server = try LoopbackServer(replies: [reply])
        let result = await (try TestSES.client(server.url)).send(call)
        #expect(server.requests.count <= 1, "never repeated")
        return result.outcomes.map(BulkCallTests.words)
    }

    @Test func eachEntryEndsForItself() async throws {
        let body = """
            {"BulkEmailEntryResults":[{"Status":"SUCCESS","MessageId":"1"},{"Status":"ACCOUNT_THROTTLED"},
             {"Status":"SUCCESS","MessageId":"3","Error":null}]}
            """
        #expect(try await words(.status(200, body)) == ["sent 1", "notSent throttled", "sent 3"])
    }

    @Test func aRefusalOfTheCallIsEachEntrys() async throws {
        let reply = LoopbackReply.status(
            429,
            #"{"message":"Maximum sending rate exceeded."}"#,
            headers: ["x-amzn-errortype": "TooManyRequestsException"]
        )
        #expect(try await words(reply) == Array(repeating: "notSent throttled", count: 3))
    }

    @Test func saysWhetherTheCallWasRefusedAsAWhole() async throws {
        let server = try LoopbackServer(replies: [
            .status(400, #"{"message":"no"}"#, headers: ["x-amzn-errortype": "BadRequestException"]),
            .status(
                200,
                #"{"BulkEmailEntryResults":[{"Status":"FAILED"},{"Status":7},{"Status":"SUCCESS","MessageId":"3"}]}"#
            ),
        ])
        let client = try TestSES.client(server.url)
        let refused = await client.send(call)
        #expect(refused.refusal?.kind == .rejected)
        let mixed = await client.send(call)
        #expect(mixed.refusal == nil)
        let words = mixed.outcomes.map(BulkCallTests.words)
        #expect(words == ["notSent temporary", "unknown ambiguous", "sent 3"], "what cannot be read is one entry's")
    }

    @Test(arguments: [
        #"{"BulkEmailEntryResults":[{"Status":"SUCCESS","MessageId":"1"}]}"#, "{}", "no JSON",
        #"{"BulkEmailEntryResults":[{},{},{}]}"#,
    ])
    func anAnswerThatFitsNoEntryIsUnknownForAll(_ body: String) async throws {
        #expect(try await words(.status(200, body)) == Array(repeating: "unknown ambiguous", count: 3))
    }

    @Test func withoutAnAnswerAllAreUnknown() async throws {
        #expect(try await words(.hangUp(afterBody: true)) == Array(repeating: "unknown ambiguous", count: 3))
        #expect(try await words(.status(500, "{}")) == Array(repeating: "unknown ambiguous", count: 3))
    }
}
