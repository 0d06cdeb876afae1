import Foundation
import Testing

@testable import Mail

@Suite struct MIMETests {
    private func build(_ draft: Draft, seed: UInt64 = 1) throws -> String {
        guard case .raw(let bytes) = try MessageBuilder().build(draft, seed: seed).content else { return "simple" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private var draft: Draft {
        Draft(from: "a@x.example", to: ["b@y.example", "c@y.example"], subject: "Hi", text: "Hello\n")
    }

    @Test func aSmallMessageLooksLikeThis() throws {
        #expect(
            try build(draft)
                == [
                    "From: a@x.example", "To: b@y.example, c@y.example", "Subject: Hi", "MIME-Version: 1.0",
                    "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit", "", "Hello", "",
                ].joined(separator: "\r\n")
        )
    }

    @Test func filesLookLikeThis() throws {
        var draft = draft
        draft.attachments = [
            Draft.Attachment(filename: "Übersicht \"1\".pdf", content: Array("abc".utf8)),
            Draft.Attachment(filename: "a b.ics", content: [], contentType: "TEXT/Calendar; Method=REQUEST; name=x"),
        ]
        let text = try build(draft)
        #expect(
            text.contains(
                [
                    "Content-Type: application/pdf; name=\"Ubersicht _1_.pdf\"", "Content-Transfer-Encoding: base64",
                    "Content-Disposition: attachment; filename*=utf-8''%C3%9Cbersicht%20%221%22.pdf", "", "YWJj", "",
                ].joined(separator: "\r\n")
            )
        )
        #expect(text.contains("\r\nContent-Type: text/calendar; method=REQUEST; name=\"a b.ics\"\r\n"))
        #expect(text.contains("\r\nContent-Disposition: attachment; filename=\"a b.ics\"\r\n"))
    }

    @Test func boundariesComeFromTheSeedAndAvoidTheContent() throws {
        var draft = draft
        draft.html = "<p>Hello</p>"
        let first = try build(draft)
        #expect(try build(draft) == first)
        #expect(try build(draft, seed: 2) != first)
        let boundary = try #require(first.firstMatch(of: /boundary="([^"]+)"/)?.output.1)
        draft.text = "Hello\n--\(boundary)\n\nworld\n--\(boundary)--\n"
        let second = try build(draft)
        let other = try #require(second.firstMatch(of: /boundary="([^"]+)"/)?.output.1)
        #expect(other != boundary)
        #expect(second.components(separatedBy: "--\(other)\r\n").count == 3)
        #expect(second.components(separatedBy: "--\(other)--\r\n").count == 2)
    }

    @Test(arguments: [
        ("plain\n", "7bit"), (String(repeating: "x", count: 998), "7bit"),
        (String(repeating: "x", count: 999), "quoted-printable"),
        ("Grüße und so weiter, damit es sich lohnt", "quoted-printable"), ("日本語の文章", "base64"),
        ("From here\n", "quoted-printable"),
        ("x\nFrom here", "quoted-printable"), ("bell \u{7} in a longer text", "quoted-printable"),
        ("a\rb\r\nc\n", "7bit"), ("", "7bit"),
    ])
    func encodings(_ text: String, _ name: String) {
        #expect(TextEncoding(text).name.rawValue == name)
    }

    @Test(arguments: [
        ("a=b\r\n", "a=3Db\r\n"), ("end \r\n\t\r\nx ", "end=20\r\n=09\r\nx=20"), (".\r\n..\r\na.", "=2E\r\n=2E.\r\na."),
        ("From x\r\nFrom\r\n From", "=46rom x\r\nFrom\r\n From"), ("ü", "=C3=BC"),
        (String(repeating: "x", count: 76), String(repeating: "x", count: 75) + "=\r\nx"),
        (String(repeating: "x", count: 75) + "From y", String(repeating: "x", count: 75) + "=\r\n=46rom y"),
        (String(repeating: "x", count: 74) + "ü", String(repeating: "x", count: 74) + "=\r\n=C3=BC"),
    ])
    func quotedPrintable(_ text: String, _ encoded: String) {
        #expect(String(decoding: QuotedPrintable.encode(Array(text.utf8)), as: UTF8.self) == encoded)
    }

    @Test func base64LengthIsKnownBeforehand() {
        for count in 0...200 {
            let encoded = WrappedBase64.encode([UInt8](repeating: 7, count: count))
            #expect(WrappedBase64.length(of: count) == encoded.count, "\(count)")
            let lines = String(decoding: encoded, as: UTF8.self).components(separatedBy: "\r\n")
            #expect(lines.dropLast().allSatisfy { $0.utf8.count == 76 } && (lines.last?.utf8.count ?? 0) <= 76)
        }
    }

    @Test func mailsAsFiles() throws {
        func part(_ content: String) throws -> String {
            var draft = draft
            draft.attachments = [Draft.Attachment(filename: "a.eml", content: Array(content.utf8))]
            return try build(draft)
        }
        let crlf = "Subject: x\r\n\r\nbody\r\n"
        let whole = try part(crlf)
        #expect(whole.contains("Content-Type: message/rfc822; name=a.eml\r\nContent-Transfer-Encoding: 7bit\r\n"))
        #expect(whole.contains("\r\n\r\n\(crlf)\r\n--"))
        for other in [
            "Subject: x\n\nbody\n", "Subject: ü\r\n\r\n", "Subject: x\r\n\r\n" + String(repeating: "x", count: 999),
            "a\r", "\u{0}",
        ] {
            #expect(
                try part(other).contains(
                    "Content-Type: application/octet-stream; name=a.eml\r\nContent-Transfer-Encoding: base64\r\n"
                )
            )
        }
    }

    @Test func headersFold() {
        func fold(_ text: String) -> [String] {
            var writer = HeaderWriter()
            writer.begin("Subject")
            writer.unstructured(text)
            writer.end()
            let text = String(decoding: writer.bytes, as: UTF8.self)
            #expect(text.hasSuffix("\r\n"))
            return String(text.dropLast()).components(separatedBy: "\r\n")
        }
        #expect(fold("Hi") == ["Subject: Hi"])
        #expect(
            fold("word  " + String(repeating: "x", count: 70)) == [
                "Subject: word", "  " + String(repeating: "x", count: 70),
            ]
        )
        #expect(fold(String(repeating: "x", count: 90)) == ["Subject: " + String(repeating: "x", count: 90)])
        #expect(fold("Grüße") == ["Subject: =?utf-8?b?R3LDvMOfZQ==?="])
        #expect(fold("ein Grüßen und mehr") == ["Subject: ein =?utf-8?b?R3LDvMOfZW4=?= und mehr"])
        #expect(fold("ü ü") == ["Subject: =?utf-8?b?w7wgw7w=?="])
        #expect(fold("a  üü") == ["Subject: a =?utf-8?b?IMO8w7w=?="])
        #expect(fold("") == ["Subject:"])
        let long = fold(String(repeating: "山", count: 100))
        #expect(long.count > 5)
        #expect(long.allSatisfy { $0.utf8.count <= 76 })
    }

    @Test func encodedWordsDecode() {
        func decode(_ text: String) -> String { EncodedWord.decodeAll(Array(text.utf8)) }
        #expect(decode("=?utf-8?q?a?= =?utf-8?q?b?= c =?utf-8?b?ZA==?=") == "ab c d")
        #expect(decode("=?UTF-8*de?Q?Gr=C3=BC=C3=9Fe?=") == "Grüße")
        #expect(decode("x=?iso-8859-1?q?=FC?=y") == "xüy")
        for text in [
            "=?utf-8?q?=FF?=", "=?utf-8?q?=4?=", "=?x?q?a?=", "=?utf-8?x?a?=", "=?utf-8?q?a b?=", "=?utf-8?q?a", "=?",
            "=??q??=", "=?utf-8?b?a?=",
        ] {
            #expect(decode(text) == text)
        }
    }

    @Test func contentTypesParse() throws {
        let type = try #require(ContentType(parsing: " Text/Calendar ; METHOD=Request; x=\"a \\\"b\\\"\"; name=y "))
        #expect(type.mediaType == "text/calendar")
        #expect(type.parameters.map(\.name) == ["method", "x"])
        #expect(type.parameters.map(\.value) == ["Request", "a \"b\""])
        #expect(ContentType.guess(filename: "A.PDF").mediaType == "application/pdf")
        #expect(ContentType.guess(filename: "none") == .octets)
    }
}
