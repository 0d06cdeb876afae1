import Foundation
import Testing

@testable import Mail

@Suite struct DraftTests {
    static let plain = Draft(from: "a@x.example", to: "b@y.example", subject: "Hi", text: "Hello")

    private func failures(_ draft: Draft, maximumBytes: Int = 10 << 20) -> [String] {
        do {
            _ = try MessageBuilder(maximumBytes: maximumBytes).build(draft, seed: 1)
            return []
        } catch {
            return error.failures.map { "\($0.pointer): \($0.detail)" }
        }
    }

    /// The plain draft with one change.
    private func changed(_ change: (inout Draft) -> Void) -> Draft {
        var draft = Self.plain
        change(&draft)
        return draft
    }

    @Test func plainMailIsSimple() throws {
        var draft = Draft(
            from: "Jürgen <a@bücher.example>",
            to: ["\"Doe, B\" <b@y.example>"],
            replyTo: "r@x.example",
            subject: "Grüße",
            text: "Hello",
            html: "<p>Hello</p>",
            headers: [HeaderField(name: "X-Campaign", value: " spring ")]
        )
        let message = try MessageBuilder().build(draft, seed: 1)
        let expected = SimpleContent(
            from: "=?utf-8?q?J=C3=BCrgen?= <a@xn--bcher-kva.example>",
            to: "\"Doe, B\" <b@y.example>",
            replyTo: ["r@x.example"],
            subject: "Grüße",
            text: "Hello",
            html: "<p>Hello</p>",
            headers: [HeaderField(name: "X-Campaign", value: "spring")]
        )
        #expect(message.content == .simple(expected))
        #expect(message.senders.map(\.addrSpec) == ["a@xn--bcher-kva.example"])
        #expect(message.recipients.map(\.address.addrSpec) == ["b@y.example"])
        #expect(message.subject == "Grüße")
        let json = try JSONEncoder().encode(expected)
        #expect(try JSONDecoder().decode(SimpleContent.self, from: json) == expected)
        draft.html = ""
        guard case .simple(let content) = try MessageBuilder().build(draft, seed: 1).content else {
            Issue.record("not simple")
            return
        }
        #expect(content.html == nil)
    }

    @Test func whatIsNotPlainIsRaw() throws {
        let changes: [(inout Draft) -> Void] = [
            { $0.to = ["b@y.example", "c@y.example"] },
            { $0.cc = "c@y.example" },
            { $0.bcc = "c@y.example" },
            {
                $0.to = []
                $0.bcc = "b@y.example"
            },
            { $0.attachments = [Draft.Attachment(filename: "a.txt", content: [1])] },
            { $0.headers = [HeaderField(name: "X-A", value: "ü")] },
            { $0.headers = [HeaderField(name: "X-A", value: String(repeating: "long ", count: 250))] },
            { $0.headers = [HeaderField(name: "X-A", value: "1"), HeaderField(name: "x-a", value: "2")] },
            { $0.headers = (0..<16).map { HeaderField(name: "X-\($0)", value: "v") } },
            { $0.subject = "=?utf-8?q?literal?=" },
            { $0.from = "\"" + String(repeating: "ü", count: 200) + "\" <a@x.example>" },
        ]
        for (index, change) in changes.enumerated() {
            let message = try MessageBuilder().build(changed(change), seed: 1)
            guard case .raw(let bytes) = message.content else {
                Issue.record("change \(index) is simple")
                continue
            }
            #expect(message.size == bytes.count)
            let own = try RawMessage(parsing: bytes)
            #expect(own.from == [message.from], "change \(index)")
            #expect(own.subject == message.subject, "change \(index)")
        }
    }

    @Test func headerFieldsMayHaveSESsSizes() throws {
        let name = String(repeating: "n", count: 126)
        let fields = [
            HeaderField(name: name, value: String(repeating: "v", count: 870)),
            HeaderField(name: "n", value: String(repeating: "v", count: 995)),
        ]
        guard case .simple = try MessageBuilder().build(changed { $0.headers = fields }, seed: 1).content else {
            Issue.record("not simple")
            return
        }
        let over = [HeaderField(name: name, value: String(repeating: "v ", count: 440))]
        guard case .raw = try MessageBuilder().build(changed { $0.headers = over }, seed: 1).content else {
            Issue.record("not raw")
            return
        }
    }

    @Test func recipientsAreDistinctInOrder() throws {
        let message = try MessageBuilder().build(
            changed {
                $0.to = ["B <b@y.example>", "c@y.example", "b@Y.example"]
                $0.cc = ["C@y.example", "d@y.example"]
                $0.bcc = ["B@y.example", "e@y.example", "E <e@y.example>"]
            },
            seed: 1
        )
        #expect(
            message.recipients.map(\.address.addrSpec) == ["b@y.example", "c@y.example", "d@y.example", "e@y.example"]
        )
        #expect(message.recipients.map(\.kind) == [.to, .to, .cc, .bcc])
        guard case .raw(let bytes) = message.content else { return }
        let header = String(decoding: bytes, as: UTF8.self)
        #expect(header.contains("\r\nTo: B <b@y.example>, c@y.example\r\nCc: d@y.example\r\n"))
        #expect(!header.contains("e@y.example"))
        #expect(!header.lowercased().contains("bcc"))
    }

    @Test func recipientLimit() {
        let fifty = (0..<50).map { "r\($0)@y.example" }
        #expect(failures(changed { $0.to = .many(fifty) }) == [])
        #expect(
            failures(
                changed {
                    $0.to = .many(fifty); $0.cc = "c@y.example"
                }
            ) == ["/to: there are 51 recipients; to, cc and bcc together take at most 50"]
        )
        #expect(failures(changed { $0.to = [] }) == ["/to: there is no recipient; to, cc or bcc needs one"])
    }

    @Test func allFailuresAreCollected() {
        let draft = Draft(
            from: "nobody",
            to: ["ok@y.example", "bad"],
            cc: "a@@b",
            bcc: [],
            replyTo: ["x"],
            subject: "a\nb",
            headers: [HeaderField(name: "X/~Y", value: "a\r\nBcc: x"), HeaderField(name: "Date", value: "now")],
            attachments: [Draft.Attachment(filename: "a.exe", content: [], contentType: "pdf", contentID: "a b")]
        )
        let pointers = failures(draft).map { String($0.prefix { $0 != ":" }) }
        #expect(
            pointers == [
                "/from", "/to/1", "/cc", "/reply_to/0", "/subject", "/text", "/headers/X~1~0Y", "/headers/Date",
                "/attachments/0/filename",
                "/attachments/0/content_type", "/attachments/0/content_id",
            ]
        )
    }

    @Test(arguments: [
        "X-SES-CONFIGURATION-SET", "x-ses-message-tags", "Date", "Message-ID", "From", "To", "Cc", "Bcc", "Subject",
        "Reply-To",
        "Return-Path", "Sender", "Content-Type", "Content-Anything", "MIME-Version", "mime-version", "DKIM-Signature",
        "Received",
        "ARC-Seal", "Feedback-ID", "Resent-To", "X-Sluice-Id", "Authentication-Results", "X A", "X:A", "", "Ü", "X\n",
        "X\u{0}",
        String(repeating: "n", count: 127),
    ])
    func headerNamesAreRefused(_ name: String) {
        #expect(failures(changed { $0.headers = [HeaderField(name: name, value: "v")] }).count == 1)
    }

    @Test(arguments: ["a\rb", "a\nb", "a\r\n b", "a\u{0}", "a\tb", "\u{7F}", "a\u{85}b", "a\u{2028}b", "", "  "])
    func headerValuesAreRefused(_ value: String) {
        #expect(failures(changed { $0.headers = [HeaderField(name: "X-A", value: value)] }).count == 1)
    }

    @Test func headerRules() {
        func failures(_ fields: [(String, String)]) -> [String] {
            self.failures(changed { $0.headers = fields.map { HeaderField(name: $0.0, value: $0.1) } })
        }
        #expect(failures([("X-A", "1"), ("x-a", "2")]) == [])
        #expect(
            failures([("References", "<a@x>"), ("references", "<b@x>")]) == [
                "/headers/references: this header may appear only once"
            ]
        )
        #expect(failures([("List-Unsubscribe", "<https://bücher.example>")]).count == 1)
        #expect(
            failures([("List-Unsubscribe", "<https://x.example/\(String(repeating: "p", count: 900))>")]).count == 1
        )
        #expect(
            failures([
                ("List-Unsubscribe", "<https://x.example/u>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ]) == []
        )
        #expect(failures([("X-A", String(repeating: "v", count: 16_385))]).count == 1)
        #expect(failures((0..<101).map { ("X-\($0)", "v") }).count == 1)
    }

    @Test(arguments: [
        "a.exe", "A.EXE", "a.pdf.js", "a.exe.", "a.exe . ", "x.msh1xml", "y.ps1", ".bat", "a\nb.pdf", "", " ",
        "a\u{0}.pdf",
    ])
    func fileNamesAreRefused(_ name: String) {
        let attachment = Draft.Attachment(filename: name, content: [1])
        #expect(failures(changed { $0.attachments = [attachment] }).count == 1)
    }

    @Test(arguments: ["exe.pdf", "exe", "a.exe.pdf", "ps1.txt", "résumé.pdf", "a/b.pdf", "..", "my.pspdf"])
    func fileNamesAreAccepted(_ name: String) {
        let attachment = Draft.Attachment(filename: name, content: [1])
        #expect(failures(changed { $0.attachments = [attachment] }) == [])
    }

    @Test(arguments: [
        "pdf", "", "/", "a/", "/b", "a/b/c", "a/b;", "text/plain; charset", "text/plain; =x", "text/plain; a=b; a=c",
        "te xt/plain",
        "text/plain\r\nX: y", "text/plän", "multipart/mixed", "message/partial", "text/plain; a=\"b",
        "a/" + String(repeating: "b", count: 254),
    ])
    func contentTypes(_ type: String) {
        let attachment = Draft.Attachment(filename: "a.bin", content: [1], contentType: type)
        #expect(failures(changed { $0.attachments = [attachment] }).count == (type == "a/b;" ? 0 : 1))
    }

    @Test func contentIDs() {
        func failures(_ ids: String...) -> [String] {
            self.failures(
                changed {
                    $0.attachments = ids.map { Draft.Attachment(filename: "a.png", content: [1], contentID: $0) }
                }
            )
        }
        #expect(failures("logo", "<logo2@x.example>") == [])
        #expect(failures("logo", "<logo>") == ["/attachments/1/content_id: another attachment has the same content id"])
        for bad in ["", "<>", "a b", "a>b", "ü", "a\nb", String(repeating: "c", count: 79)] {
            #expect(failures(bad).count == 1, "\(bad)")
        }
    }

    @Test func bodiesAndSubjects() {
        #expect(failures(changed { $0.text = nil }) == ["/text: text or html is needed"])
        #expect(failures(changed { $0.text = "" }).count == 1)
        #expect(
            failures(
                changed {
                    $0.text = nil; $0.html = "x"
                }
            ) == []
        )
        #expect(failures(changed { $0.text = "a\u{0}" }).count == 1)
        #expect(failures(changed { $0.html = "\u{0}" }).count == 1)
        #expect(failures(changed { $0.subject = nil }) == ["/subject: a subject is needed"])
        #expect(failures(changed { $0.subject = " " }).count == 1)
        #expect(failures(changed { $0.subject = "a\u{0}" }).count == 1)
        #expect(failures(changed { $0.subject = String(repeating: "ü", count: 2_000) }) == [])
        #expect(failures(changed { $0.subject = String(repeating: "ü", count: 2_001) }).count == 1)
    }

    @Test func sizes() throws {
        let content = [UInt8](repeating: 1, count: 1_000)
        let draft = changed { $0.attachments = [Draft.Attachment(filename: "a.bin", content: content)] }
        let size = try MessageBuilder().build(draft, seed: 1).size
        #expect(size > 1_368)
        #expect(failures(draft, maximumBytes: size) == [])
        // Too large once it is built, and too large at a glance.
        for maximum in [size - 1, 1_000] {
            #expect(throws: DraftError.self) { try MessageBuilder(maximumBytes: maximum).build(draft, seed: 1) }
            do {
                _ = try MessageBuilder(maximumBytes: maximum).build(draft, seed: 1)
            } catch {
                #expect(error.isTooLarge)
                #expect(error.failures.map(\.pointer) == [""])
            }
        }
        #expect(failures(changed { $0.text = String(repeating: "x", count: 2_000) }, maximumBytes: 1_000).count == 1)
        #expect(failures(Draft(from: "a@x.example", to: "b@y.example", raw: content), maximumBytes: 999).count == 1)
        #expect(MessageBuilder(maximumBytes: 100_000_000).maximumBytes == 40_000_000)
    }

    @Test func rawDrafts() throws {
        let raw = Array(
            "Sender: s@z.example\nFrom: A@x.example, o@other.example\nBcc: h@y.example\nSubject: =?utf-8?q?=C3=BC?=\n\nHi\n"
                .utf8
        )
        let message = try MessageBuilder().build(Draft(from: "a@x.example", to: "b@y.example", raw: raw), seed: 1)
        #expect(message.senders.map(\.addrSpec) == ["a@x.example", "o@other.example", "s@z.example"])
        #expect(message.subject == "ü")
        #expect(message.recipients.map(\.address.addrSpec) == ["b@y.example"])
        guard case .raw(let bytes) = message.content else {
            Issue.record("not raw")
            return
        }
        #expect(!String(decoding: bytes, as: UTF8.self).contains("Bcc"))
        var mixed = Self.plain
        mixed.raw = raw
        mixed.html = "x"
        mixed.replyTo = "r@x.example"
        mixed.headers = [HeaderField(name: "X-A", value: "b")]
        mixed.attachments = [Draft.Attachment(filename: "a", content: [])]
        #expect(
            failures(mixed).map { String($0.prefix { $0 != ":" }) } == [
                "/subject", "/text", "/html", "/headers", "/attachments", "/reply_to",
            ]
        )
        #expect(failures(Draft(from: "a@x.example", to: "b@y.example", raw: [0])).allSatisfy { $0.hasPrefix("/raw: ") })
        #expect(!failures(Draft(from: "a@x.example", to: "b@y.example", raw: [])).isEmpty)
    }

    /// Details are shown and logged: none may hold an address or a text of the draft.
    @Test func failuresTellNoSecrets() {
        let secret = "verysecret"
        let draft = Draft(
            from: "\(secret)@\(secret)",
            to: ["\(secret)", "\(secret) \(secret)@x.example"],
            subject: secret + "\n",
            text: secret + "\u{0}",
            headers: [HeaderField(name: "X-A", value: secret + "\n")],
            attachments: [
                Draft.Attachment(filename: secret + "\n", content: [], contentType: secret, contentID: secret + " ")
            ]
        )
        let all = failures(draft)
        #expect(all.count == 9)
        #expect(!all.joined().contains(secret))
        #expect(
            !failures(Draft(from: "a@x.example", to: "b@x.example", raw: Array("From: \(secret)\n\(secret)\n\n".utf8)))
                .joined().contains(secret)
        )
    }
}
