import FoundationEssentials
import Mail

/// What a message says, in the form in which it is shown.
struct ShownContent: Sendable {
    let kind: String
    var from: String?
    var replyTo: [String] = []
    var subject: String?
    var text: String?
    var html: String?
    var headers: [HeaderField] = []
    var data: TemplateValue?
    var raw: [UInt8]?

    init(_ content: MessageContent) {
        switch content {
        case .raw(let bytes):
            kind = "raw"
            raw = bytes
        case .simple(let simple):
            kind = "simple"
            from = simple.from
            replyTo = simple.replyTo
            subject = simple.subject
            text = simple.text
            html = simple.html
            headers = simple.headers
        }
    }

    /// - Parameter source: nil where there is no such template any more.
    init(_ content: TemplatedContent, _ source: TemplateSource?) {
        kind = "templated"
        from = content.frame.from
        replyTo = content.frame.replyTo
        headers = content.frame.headers
        data = content.data
        subject = source?.subject
        text = source?.text
        html = source?.html
    }

    func json(_ id: MessageID) -> JSONValue {
        .object([
            ("id", .string(id.description)),
            ("kind", .string(kind)),
            ("from", .string(from.map { (try? EmailAddress(parsing: $0))?.displayText ?? $0 })),
            ("reply_to", .array(replyTo.map(JSONValue.string))),
            ("subject", .string(subject)),
            ("text", .string(text)),
            ("html", .string(html)),
            (
                "headers",
                .array(headers.map { .object([("name", .string($0.name)), ("value", .string($0.value))]) })
            ),
            ("data", data.map(Self.json) ?? .null),
            ("raw", .string(raw.map { Data($0).base64EncodedString() })),
        ])
    }

    private static func json(_ value: TemplateValue) -> JSONValue {
        (try? JSONEncoder().encode(value)).map { .verbatim(String(decoding: $0, as: UTF8.self)) } ?? .null
    }
}
