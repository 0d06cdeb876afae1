import AWS
import Foundation
import Mail
import Outbound
import SES
import Testing

/// What moto keeps of a send is what was sent.
@Suite(
    "Messages that moto keeps",
    .enabled(if: RefereeProcess.folder != nil, RefereeProcess.skipped),
    .serialized,
    RefereeTrait(program: .moto)
)
struct MotoTests {
    private struct Store: Decodable {
        struct Contents: Decodable {
            // Its names.
            private enum CodingKeys: String, CodingKey {
                case messages = "Message"
                case rawMessages = "RawMessage"
            }

            let messages: [Message]
            let rawMessages: [RawMessage]
        }

        struct Message: Decodable {
            let id: String
            let source: String
            let subject: String
            let body: String
            let destinations: [String: [String]]
        }

        struct RawMessage: Decodable {
            private enum CodingKeys: String, CodingKey {
                case id, source, destinations
                case data = "raw_data"
            }

            let id: String
            let source: String
            let destinations: [String]
            let data: String
        }

        let ses: Contents
    }

    private let url = RefereeScope.url

    private func client() async throws -> SESClient {
        let aws = try AWSClient(
            .ses,
            region: "us-east-1",
            endpoint: url,
            credentials: TestSES.credentials,
            client: TestHTTP.client,
            logger: TestHTTP.quiet
        )
        let identity = #"{"EmailIdentity":"sender.example"}"#
        _ = try await aws.send(AWSCall(method: .post, path: "/v2/email/identities", body: Array(identity.utf8)))
        return SESClient(aws: aws, configurationSet: "ignored")
    }

    private func stored() async throws -> Store.Contents {
        let answer = try await TestHTTP.client.send(.init(method: .get, url: url + "/moto-api/data.json"))
        return try JSONDecoder().decode(Store.self, from: Data(answer.body)).ses
    }

    @Test("Simple: texts beyond ASCII, line ends, quotation marks")
    func simple() async throws {
        let text = "Zeile 1\r\nZeile \"2\"\t\\ – 😀\u{2028}\u{0001}\n"
        let content = SimpleContent(
            from: "=?utf-8?q?J=C3=B6rg?= <s@sender.example>",
            to: "r@example.org",
            replyTo: ["reply@sender.example"],
            subject: "Größe \"XL\" 😀",
            text: text,
            headers: [HeaderField(name: "X-A", value: "1")]
        )
        let call = SendCall(from: content.from, to: [content.to], content: .simple(content), tags: [.attempt(1)])
        guard case .sent(let id) = await (try client()).send(call).outcome else {
            Issue.record("not sent")
            return
        }
        let message = try #require(try await stored().messages.first { $0.id == id })
        #expect(message.source == content.from)
        #expect(message.subject == content.subject)
        #expect(message.body == text)
        #expect(message.destinations == ["ToAddresses": ["r@example.org"]])
    }

    @Test("Raw: the same bytes")
    func raw() async throws {
        let lines = (0..<500).map { "Line \($0): " + String(repeating: "äöü€😀", count: $0 % 8) }
        let message =
            "From: s@sender.example\r\nSubject: =?utf-8?q?=C3=A4?=\r\nMIME-Version: 1.0\r\n"
            + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            + lines.joined(separator: "\r\n") + "\r\n"
        let call = SendCall(from: "s@sender.example", to: ["one@example.org"], content: .raw(Array(message.utf8)))
        guard case .sent(let id) = await (try client()).send(call).outcome else {
            Issue.record("not sent")
            return
        }
        let stored = try #require(try await stored().rawMessages.first { $0.id == id })
        #expect(stored.source == "s@sender.example")
        #expect(stored.destinations == ["one@example.org"])
        #expect(Array(stored.data.utf8) == Array(message.utf8))
    }

    @Test("Identities are made, found again, and missed")
    func identities() async throws {
        let ses = try await client()
        try await ses.createIdentity("made.example")
        let status = try #require(try await ses.identity("made.example"))
        #expect(status.name == "made.example" && status.mailFrom == nil)
        #expect(try await ses.identity("none.example") == nil)
    }

    @Test("moto's refusals are understood, capital letters and all")
    func refusals() async throws {
        let ses = try await client()
        let content = MessageContent.simple(SimpleContent(from: "s@x", to: "r@x", subject: "s", text: "t"))
        let stranger = await ses.send(SendCall(from: "s@stranger.example", to: ["r@example.org"], content: content))
        #expect(stranger.outcome.kind == "notSent identityUnverified")
        let crowd = (0...50).map { "r\($0)@example.org" }
        let tooMany = await ses.send(SendCall(from: "s@sender.example", to: crowd, content: content))
        #expect(tooMany.outcome.kind == "notSent rejected")
        let failure = await #expect(throws: SendFailure.self) { try await ses.account() }
        #expect(failure?.kind == .configuration, "it has no GetAccount and answers 404 in HTML")
    }
}
