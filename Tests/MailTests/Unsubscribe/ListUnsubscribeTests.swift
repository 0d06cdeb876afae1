import Mail
import Testing

/// The header fields of RFC 8058 on each kind of mail.
struct ListUnsubscribeTests {
    private static let header = ListUnsubscribe(url: "https://send.example.com/u/TOKEN")

    private static func simple(_ headers: [HeaderField]) -> SimpleContent {
        SimpleContent(from: "a@b.example", to: "c@d.example", subject: "Hello", text: "Hi", headers: headers)
    }

    private static func headers(_ content: MessageContent) -> [HeaderField] {
        if case .simple(let mail) = content { mail.headers } else { [] }
    }

    private static func raw(_ text: String) -> String {
        guard case .raw(let bytes) = header.added(to: .raw(Array(text.utf8))) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func plainMailGetsBothFields() {
        let own = HeaderField(name: "X-Campaign", value: "7")
        #expect(
            Self.headers(Self.header.added(to: .simple(Self.simple([own])))) == [
                own, HeaderField(name: "List-Unsubscribe", value: "<https://send.example.com/u/TOKEN>"),
                HeaderField(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click"),
            ]
        )
    }

    @Test func aSendersOwnStays() {
        for name in ["List-Unsubscribe", "LIST-UNSUBSCRIBE-POST"] {
            let own = [HeaderField(name: name, value: "<mailto:out@b.example>")]
            #expect(Self.headers(Self.header.added(to: .simple(Self.simple(own)))) == own)
        }
    }

    @Test func whereThereIsNoRoomNothingIsAdded() {
        let many = (0..<14).map { HeaderField(name: "X-\($0)", value: "v") }
        #expect(Self.header.fields(beside: many).isEmpty)
        #expect(Self.header.fields(beside: Array(many.dropLast())).count == 2)
        let long = ListUnsubscribe(url: "https://send.example.com/" + String(repeating: "x", count: 980))
        #expect(long.fields(beside: []).isEmpty)
    }

    @Test(arguments: ["\r\n", "\n"])
    func rawMailGetsThemOnTop(_ end: String) {
        let mail = "From: a@b.example\(end)Subject: Hello\(end)\(end)List-Unsubscribe: in the body\(end)"
        #expect(
            Self.raw(mail)
                == "List-Unsubscribe: <https://send.example.com/u/TOKEN>\(end)"
                + "List-Unsubscribe-Post: List-Unsubscribe=One-Click\(end)" + mail
        )
    }

    @Test(arguments: [
        "List-Unsubscribe:\r\n <mailto:out@b.example>", "list-unsubscribe-post: x", "DKIM-Signature: v=1; h=from",
    ])
    func rawMailThatHasItsOwnOrIsSignedStays(_ field: String) {
        let mail = "From: a@b.example\r\n\(field)\r\nSubject: Hello\r\n\r\nHi"
        #expect(Self.raw(mail) == mail)
    }
}
