import Mail
import Testing

@testable import Outbox

struct StoredContentTests {
    @Test(arguments: [
        SimpleContent(from: "a@b.example", to: "c@d.example", subject: ""),
        SimpleContent(
            from: "\"Ä \\\" /\" <a@b.example>",
            to: "c@d.example",
            replyTo: ["r@b.example", "s@b.example"],
            subject: "Grüße 😀 \u{7F}\u{2028}",
            text: String((0..<0x80).compactMap { Unicode.Scalar($0).map { Character($0) } }) + "\r\n\u{FEFF}é",
            html: "<p class=\"x\">\\n</p>",
            headers: [HeaderField(name: "X-A", value: "1"), HeaderField(name: "X-B", value: "\"2\"")]
        ),
    ])
    func whatIsWrittenIsRead(_ content: SimpleContent) throws {
        let stored = try StoredContent(.simple(content))
        guard case .whole(.simple(let read)) = try stored.form() else {
            Issue.record("another kind was read")
            return
        }
        #expect(read == content)
        #expect(Array((read.text ?? "").utf8) == Array((content.text ?? "").utf8))
    }
}
