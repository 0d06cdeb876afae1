import Foundation
import Gateway
import Telemetry
import Testing

/// Every bad body is refused with a problem that says what is wrong where, and nothing is accepted.
@Suite(.timeLimit(.minutes(5))) struct BadMessageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        let status: Int
        let code: String
        let pointers: [String]

        var testDescription: String { name }

        init(
            _ name: String,
            _ body: String,
            _ status: Int = 422,
            _ code: String = "invalid_message",
            _ pointers: String...
        ) {
            self.name = name
            self.body = body
            self.status = status
            self.code = code
            self.pointers = pointers
        }

        /// A good message with some members replaced or added.
        init(
            _ name: String,
            with members: String,
            _ pointers: String...,
            status: Int = 422,
            code: String = "invalid_message"
        ) {
            self.name = name
            self.status = status
            self.code = code
            self.pointers = pointers
            let names = members.split(separator: ",").compactMap { $0.split(separator: "\"").first }
            let standard = [
                ("from", #""a@apa.example""#), ("to", #""b@x.example""#), ("subject", #""Hello""#), ("text", #""Hi""#),
            ]
            let kept = standard.filter { member in
                !members.contains("\"\(member.0)\":") || names.isEmpty
            }
            body = "{" + (kept.map { "\"\($0.0)\":\($0.1)" } + [members]).joined(separator: ",") + "}"
        }
    }

    static let many = (0..<51).map { "\"r\($0)@x.example\"" }.joined(separator: ",")

    static let cases: [Case] = [
        // Form
        Case("nothing", "", 400, "invalid_json"),
        Case("no JSON", "hello", 400, "invalid_json"),
        Case("cut off", #"{"from": "a@apa.example", "to": "b@x"#, 400, "invalid_json"),
        Case("something after it", #"{"from": "a@apa.example"} x"#, 400, "invalid_json"),
        Case("UTF-16", String(decoding: [0x7B, 0x00, 0x7D, 0x00] as [UInt8], as: UTF8.self), 400, "invalid_json"),
        Case("an array", "[]", 422, "invalid_message", ""),
        Case(
            "a member missing",
            #"{"to": "b@x.example", "subject": "s", "text": "t"}"#,
            422,
            "invalid_message",
            "/from"
        ),
        Case("an unknown member", with: #""subjekt":"x""#, "/subjekt"),
        Case("an unknown member with a slash", with: #""a/b~c":1"#, "/a~1b~0c"),
        Case(
            "an unknown member of an attachment",
            with: #""attachments":[{"name":"x","content":""}]"#,
            "/attachments/0/name"
        ),
        Case("a number for a text", with: #""subject":5"#, "/subject"),
        Case("a text for a flag", with: #""split":"no""#, "/split"),
        Case("an object for a recipient", with: #""to":{"email":"b@x.example"}"#, "/to"),
        Case("a number among recipients", with: #""to":["b@x.example",5]"#, "/to/1"),
        Case("null for the sender", with: #""from":null"#, "/from"),
        Case("a template that there is not", with: #""template":"welcome""#, "/template"),
        Case("data without a template", with: #""data":{}"#, "/data"),
        // Addresses
        Case("no recipient", #"{"from": "a@apa.example", "subject": "s", "text": "t"}"#, 422, "invalid_message", "/to"),
        Case("empty recipients", with: #""to":[]"#, "/to"),
        Case("51 recipients", with: "\"to\":[\(many)]", "/to"),
        Case("a bad recipient", with: #""to":["b@x.example","nobody"]"#, "/to/1"),
        Case("bad addresses in several places", with: #""to":"a b@x.example","cc":["@x.example"]"#, "/to", "/cc/0"),
        Case("a bad reply address", with: #""reply_to":"x@""#, "/reply_to"),
        Case("a line break in a recipient", with: #""to":"b@x.example\r\nBcc: c@x.example""#, "/to"),
        Case("a line break in a name", with: #""from":"A\r\nBcc: c@x.example <a@apa.example>""#, "/from"),
        Case("a foreign domain", with: #""from":"a@other.example""#, "/from", status: 403, code: "from_not_allowed"),
        Case("a subdomain", with: #""from":"a@mail.apa.example""#, "/from", status: 403, code: "from_not_allowed"),
        Case("another address", with: #""from":"b@partner.example""#, "/from", status: 403, code: "from_not_allowed"),
        // Content
        Case(
            "no subject",
            #"{"from": "a@apa.example", "to": "b@x.example", "text": "t"}"#,
            422,
            "invalid_message",
            "/subject"
        ),
        Case(
            "no body",
            #"{"from": "a@apa.example", "to": "b@x.example", "subject": "s"}"#,
            422,
            "invalid_message",
            "/text"
        ),
        Case("a line break in the subject", with: #""subject":"Hello\nBcc: c@x.example""#, "/subject"),
        Case("a bell in the subject", with: #""subject":"Hello\u0007""#, "/subject"),
        Case("NUL in the text", with: #""text":"a\u0000b""#, "/text"),
        Case("a line break in a header", with: #""headers":{"X-A":"1\r\nBcc: c@x.example"}"#, "/headers/X-A"),
        Case("a line break in a header's name", with: #""headers":{"X-A\r\nBcc":"1"}"#, "/headers/X-A\r\nBcc"),
        Case("a header of ours", with: #""headers":{"Date":"today"}"#, "/headers/Date"),
        Case(
            "a header of SES",
            with: #""headers":{"X-SES-CONFIGURATION-SET":"x"}"#,
            "/headers/X-SES-CONFIGURATION-SET"
        ),
        Case("a header that is no text", with: #""headers":{"X-A":1}"#, "/headers/X-A"),
        Case(
            "an attachment that is not base64",
            with:
                #""attachments":[{"filename":"a.txt","content":"aGk="},{"filename":"b.txt","content":"not base64!"}]"#,
            "/attachments/1/content"
        ),
        Case(
            "base64 without its padding",
            with: #""attachments":[{"filename":"a.txt","content":"aGk"}]"#,
            "/attachments/0/content"
        ),
        Case(
            "base64 with padding behind a whole group",
            with: #""attachments":[{"filename":"a.txt","content":"aGkh="}]"#,
            "/attachments/0/content"
        ),
        Case(
            "an attachment without content",
            with: #""attachments":[{"filename":"a.txt"}]"#,
            "/attachments/0/content"
        ),
        Case(
            "an executable",
            with: #""attachments":[{"filename":"setup.exe","content":"aGk="}]"#,
            "/attachments/0/filename"
        ),
        Case(
            "a blocked type in capitals",
            with: #""attachments":[{"filename":"run.BAT","content":"aGk="}]"#,
            "/attachments/0/filename"
        ),
        Case(
            "a media type that is none",
            with: #""attachments":[{"filename":"a.txt","content":"aGk=","content_type":"text"}]"#,
            "/attachments/0/content_type"
        ),
        // Raw
        Case(
            "raw that is not base64",
            #"{"from":"a@apa.example","to":"b@x.example","raw":"%%"}"#,
            422,
            "invalid_message",
            "/raw"
        ),
        Case(
            "raw beside a subject",
            raw("From: a@apa.example\r\n\r\nHi", more: #","subject":"s""#),
            422,
            "invalid_message",
            "/subject"
        ),
        Case("raw without From", raw("Subject: s\r\n\r\nHi"), 422, "invalid_message", "/raw"),
        Case("raw with a foreign From", raw("From: a@other.example\r\n\r\nHi"), 403, "from_not_allowed", "/raw"),
        Case(
            "raw with a foreign Sender",
            raw("From: a@apa.example\r\nSender: b@other.example\r\n\r\nHi"),
            403,
            "from_not_allowed",
            "/raw"
        ),
        // Options
        Case("an unknown region", with: #""region":"MARS""#, "/region", code: "unknown_region"),
        Case("a region that is no name", with: #""region":"A T""#, "/region"),
        Case("an unknown stream", with: #""stream":"marketing""#, "/stream"),
        Case("an unknown priority", with: #""priority":"urgent""#, "/priority"),
        Case("a time that is none", with: #""scheduled_at":"tomorrow""#, "/scheduled_at"),
        Case("a day that is none", with: #""scheduled_at":"2027-02-29T00:00:00Z""#, "/scheduled_at"),
        Case("the past", with: "\"scheduled_at\":\"\(time(-60))\"", "/scheduled_at"),
        Case("31 days ahead", with: "\"scheduled_at\":\"\(time(31 * 86_400))\"", "/scheduled_at"),
        Case("expired", with: "\"expires_at\":\"\(time(-1))\"", "/expires_at"),
        Case(
            "expired before its time",
            with: "\"scheduled_at\":\"\(time(7200))\",\"expires_at\":\"\(time(3600))\"",
            "/expires_at"
        ),
        Case("11 tags", with: "\"tags\":{\((0..<11).map { "\"t\($0)\":\"x\"" }.joined(separator: ","))}", "/tags"),
        Case("a tag with a space", with: #""tags":{"a":"b c"}"#, "/tags/a"),
        Case("an empty tag", with: #""tags":{"a":""}"#, "/tags/a"),
        Case("a tag's name with a dot", with: #""tags":{"a.b":"c"}"#, "/tags"),
        Case("metadata that is no text", with: #""metadata":{"order":5}"#, "/metadata/order"),
        Case("much metadata", with: "\"metadata\":{\"a\":\"\(String(repeating: "x", count: 4096))\"}", "/metadata"),
        Case("NUL in metadata", with: #""metadata":{"a":"\u0000"}"#, "/metadata"),
        Case(
            "more recipients in one call than the rate",
            with:
                "\"region\":\"UK\",\"split\":false,\"to\":[\((0..<11).map { "\"r\($0)@x.example\"" }.joined(separator: ","))]",
            "/split"
        ),
        Case("several things at once", with: #""to":"x","subject":"","stream":"y""#, "/stream", "/to", "/subject"),
    ]

    @Test(arguments: cases) func refused(_ bad: Case) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.send(bad.body)
            #expect(answer.status == bad.status)
            #expect(answer.code == bad.code)
            #expect(answer.pointers == bad.pointers)
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect((answer.json["detail"] as? String)?.isEmpty == false)
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func invalidUTF8() async throws {
        try await TestGateway.run { gateway in
            let body =
                Array(#"{"from":"a@apa.example","to":"b@x.example","text":"t","subject":""#.utf8) + [0xC3, 0x28]
                + Array("\"}".utf8)
            let answer = try await gateway.exchange(head(length: body.count) + body)
            #expect(answer.status == 400)
            #expect(answer.code == "invalid_json")
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func truncatedRequest() async throws {
        try await TestGateway.run { gateway in
            let body = #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"t"}"#
            // The JSON is whole, and still the request is not.
            let answer = try await gateway.exchange(head(length: body.utf8.count + 1) + Array(body.utf8), half: true)
            #expect(answer.status == 400)
            #expect(answer.code == "invalid_json")
            #expect(answer.headers["connection"] == "close")
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    /// The client is gone before its body is whole; there is nobody to answer, and nothing to accept.
    @Test(arguments: [false, true]) func abandonedRequest(isChunked: Bool) async throws {
        try await TestGateway.run { gateway in
            let body = #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"t"}"#
            let size = String(body.utf8.count, radix: 16)
            let bytes =
                isChunked
                ? head(length: nil) + Array("\(size)\r\n\(body)\r\n".utf8)
                : head(length: body.utf8.count + 1) + Array(body.utf8)
            try await TestConnection.with(port: gateway.port) { try await $0.write(bytes) }
            let counted = #"sluice_http_requests_total{listener="public",method="POST",route="/send""#
            while !String(decoding: gateway.metrics.render(), as: UTF8.self).contains(counted) {
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test func truncatedChunks() async throws {
        try await TestGateway.run { gateway in
            let body = #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"t"}"#
            let chunk = String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n"
            let answer = try await gateway.exchange(head(length: nil) + Array(chunk.utf8), half: true)
            #expect(answer.status == 400)
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    private func head(length: Int?) -> [UInt8] {
        let framing = length.map { "Content-Length: \($0)" } ?? "Transfer-Encoding: chunked"
        let lines = [
            "POST /send HTTP/1.1", "Host: localhost", "Authorization: Bearer \(TestDirectory.apaKey)",
            "Content-Type: application/json", framing, "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    static func raw(_ message: String, more: String = "") -> String {
        "{\"from\":\"a@apa.example\",\"to\":\"b@x.example\",\"raw\":\"\(Data(message.utf8).base64EncodedString())\"\(more)}"
    }

    static func time(_ delay: TimeInterval) -> String {
        Date(timeIntervalSinceNow: delay).formatted(.iso8601)
    }
}
