import Testing

@testable import Mail

@Suite struct RawMessageTests {
    private static let plain = "From: Anna <a@x.example>\nTo: b@x.example\nSubject: Hi\n\nBody\n"

    private func parse(_ text: String) throws(RawMessageError) -> RawMessage {
        try RawMessage(parsing: Array(text.utf8))
    }

    private func reasons(_ text: String) -> [String] {
        do {
            _ = try parse(text)
            return []
        } catch {
            return error.reasons.map(\.message)
        }
    }

    @Test(arguments: ["\n", "\r\n"])
    func readsTheHeaderAndKeepsTheBytes(_ end: String) throws {
        let text = """
            Return-Path: <bounce@x.example>
            Received: from a by b;
            \tMon, 1 Jan 2026 00:00:00 +0000
            Received: from c by d
            From: =?utf-8?q?J=C3=BCrgen?=
             <j@x.example>, "B, C" <b@y.example>
            Sender: s@x.example
            To: undisclosed-recipients:;
            Date: yesterday evening
            Subject: =?utf-8?b?R3LDvMOfZQ==?= =?utf-8?q?_dich?= and
              more
            X-Empty:
            Content-Transfer-Encoding: nonsense

            From: in the body counts for nothing
            X-SES-CONFIGURATION-SET: neither does this
            \u{e4}\u{f6}\u{fc}
            """.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: end)
        let message = try parse(text)
        #expect(message.bytes == Array(text.utf8))
        #expect(message.from.map(\.addrSpec) == ["j@x.example", "b@y.example"])
        #expect(message.from.map(\.displayName) == ["Jürgen", "B, C"])
        #expect(message.sender?.addrSpec == "s@x.example")
        #expect(message.returnPath?.addrSpec == "bounce@x.example")
        #expect(message.subject == "Grüße dich and  more")
    }

    /// Nothing follows that would make it a line end.
    @Test func refusesABareReturnAtTheEnd() {
        let reason = "line 1 of the header section holds a control character or a bare CR"
        #expect(reasons("From: a@x.example\r") == [reason])
        #expect(reasons("From: a@x.example\r\n\r").isEmpty == false)
        #expect(reasons("From: a@x.example\r\n\r\n\r") == [])
    }

    @Test(arguments: ["\n", "\r\n"])
    func removesBlindCopies(_ end: String) throws {
        let lines = [
            "BCC: x@x.example,", " y@x.example", "From: a@x.example", "Bcc: z@x.example", "Subject: Hi",
            "resent-bcc: w@x.example",
            "\tv@x.example", "X-Bcc: stays", "", "Bcc: stays too", "",
        ]
        let message = try parse(lines.joined(separator: end))
        let expected = ["From: a@x.example", "Subject: Hi", "X-Bcc: stays", "", "Bcc: stays too", ""].joined(
            separator: end
        )
        #expect(message.bytes == Array(expected.utf8))
        // As the last field, and without a body.
        #expect(try parse("From: a@x.example\nBcc: b@x.example").bytes == Array("From: a@x.example\n".utf8))
    }

    @Test(arguments: [
        ("", "is empty"), ("\nFrom: a@x.example\n\n", "empty line"), ("\r\nFrom: a@x.example\n\n", "empty line"),
        ("Hello world\n\nBody", "no header field"), ("From a@x Mon Jan 1\nFrom: a@x.example\n\n", "mailbox file"),
        (" From: a@x.example\n\n", "starts with white space"), ("From: a@x.example\nnonsense\n\n", "line 2 is neither"),
        ("From: a@x.example\n: empty\n\n", "line 2 is neither"), ("From : a@x.example\n\n", "no header field"),
        ("X-A: 1\nFrom : a@x.example\n\n", "line 2 is neither"),
        ("Subject: x\n \t\nFrom: a@x.example\n\n", "line 2 of the header section holds only white"),
        ("To: b@x.example\n\nBody", "no From header"), ("From: a@x.example\nfrom: b@x.example\n\n", "2 From headers"),
        ("From: \n\n", "holds no address"), ("From: Team:;\n\n", "holds no address"), ("From: anna\n\n", "no @"),
        ("From: a@localhost\n\n", "no dot"),
        ("From: a@x.example\nSender: a@x.example, b@x.example\n\n", "holds 2 addresses"),
        ("From: a@x.example\nSender: nobody\n\n", "Sender header"),
        ("From: a@x.example\nSubject: a\nsubject: b\n\n", "line 3: a second subject header"),
        ("From: a@x.example\nDate: a\nDate: b\n\n", "a second Date header"),
        ("From: a@x.example\nMIME-Version: 1.0\nMime-Version: 1.0\n\n", "second"),
        ("From: a@x.example\nX-SES-CONFIGURATION-SET: other\n\n", "X-SES-*"),
        ("x-ses-message-tags: a=b\nFrom: a@x.example\n\n", "line 1: X-SES-*"),
        ("From: ä <a@x.example>\n\n", "not ASCII"),
        ("From: a@x.example\nSubject: Grüße\n\n", "line 2 of the header section is not ASCII"),
        ("From: a@x.example\nSubject: a\u{0}b\n\n", "NUL"),
        ("From: a@x.example\n\nline\nbody\u{0}", "line 4 holds a NUL"),
        ("From: a@x.example\rX-SES-A: b\n\n", "bare CR"), ("From: a@x.example\nX-A: \u{1B}\n\n", "control character"),
        ("From: a@x.example\r\r\n\r\n", "bare CR"),
        ("From: a@x.example\n\n" + String(repeating: "x", count: 999), "line 3 is longer than 998"),
        ("X-A: " + String(repeating: "x", count: 994) + "\nFrom: a@x.example\n\n", "line 1 is longer than 998"),
    ])
    func refuses(_ text: String, _ reason: String) {
        let reasons = reasons(text)
        #expect(reasons.contains { $0.contains(reason) }, "\(reasons)")
    }

    @Test func acceptsWhatDoesNoHarm() throws {
        for text in [
            Self.plain, "From: a@x.example", "From: a@x.example\n", "From: a@x.example\r\n\r\n",
            "From: a@x.example\nTo: not an address at all <<<\n\n", "From: a@x.example\nDate: nonsense\n\n",
            "From: a@x.example\nX-A: 1\nX-A: 2\nReceived: a\nReceived: b\nTo: b@x.example\nTo: c@x.example\n\n",
            "From:\ta@x.example\n\n", "From:\n a@x.example\n\n", "From: Team: a@x.example, b@x.example;\n\n",
            "From: a@x.example\nReturn-Path: <>\n\n", "From: a@x.example\nReturn-Path:\n\n",
            "From: a@x.example\n\n" + String(repeating: "x", count: 998) + "\r\n" + String(repeating: "y", count: 998)
                + "\n",
            "From: a@x.example\n\nbare \r in the body\n", "From: (c) a@x.example (Anna)\n\n",
            "From: a@x.example\nX-Ses: not SES's\n\n",
        ] {
            #expect(reasons(text) == [], "\(text.prefix(60))")
            #expect(try parse(text).bytes == Array(text.utf8))
        }
    }

    @Test func everyReasonIsGiven() throws {
        let reasons = reasons("Subject: ä\nSubject: b\nnonsense\nX-SES-A: b\n\n\u{0}")
        #expect(reasons.count == 6, "\(reasons)")
    }

    @Test func subjectsAreFitToShow() throws {
        #expect(try parse("From: a@x.example\nSubject: =?utf-8?q?a=00b=0Ac?=\n\n").subject == "a b c")
        #expect(try parse("From: a@x.example\n\n").subject == nil)
        let long = String(repeating: " word", count: 150) + "\n"
        let message = try parse("From: a@x.example\nSubject:" + String(repeating: long, count: 10) + "\n")
        #expect(message.subject?.unicodeScalars.count == 2_000)
    }
}
