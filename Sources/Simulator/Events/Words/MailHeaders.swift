/// The header fields that SES repeats in events: written by it for simple content, the message's own for raw content.
struct MailHeaders {
    private static let limit = 10 * 1024

    private var fields: [(name: String, value: String)] = []
    private var isTruncated = false
    private let messageID: String

    init(_ submission: Submission, messageID: String) {
        self.messageID = messageID
        let all =
            submission.content?.kind == .raw ? Self.raw(submission) : Self.written(submission, messageID: messageID)
        var size = 0
        for field in all {
            size += field.name.utf8.count + field.value.utf8.count
            guard size <= Self.limit else {
                isTruncated = true
                break
            }
            fields.append(field)
        }
    }

    var from: String? { values("From").first }

    /// `headersTruncated`, `headers` and `commonHeaders`.
    var members: String {
        let list = fields.map { #"{"name":\#(JSONText.quoted($0.name)),"value":\#(JSONText.quoted($0.value))}"# }
        var common = [#""from":\#(JSONText.quoted(values("From")))"#]
        for (member, name) in [("replyTo", "Reply-To"), ("to", "To"), ("cc", "Cc")] {
            let values = values(name)
            if !values.isEmpty { common.append(#""\#(member)":\#(JSONText.quoted(values))"#) }
        }
        common.append(#""messageId":"\#(messageID)""#)
        if let date = values("Date").first { common.append(#""date":\#(JSONText.quoted(date))"#) }
        if let subject = values("Subject").first { common.append(#""subject":\#(JSONText.quoted(subject))"#) }
        return """
            "headersTruncated":\(isTruncated),"headers":[\(list.joined(separator: ","))],\
            "commonHeaders":{\(common.joined(separator: ","))}
            """
    }

    /// The addresses of a field, or its one value.
    private func values(_ name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    private static func written(_ submission: Submission, messageID: String) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        if let from = submission.from { fields.append(("From", from)) }
        for (name, list) in [
            ("Reply-To", submission.replyTo), ("To", submission.destination.to), ("Cc", submission.destination.cc),
        ] where !list.isEmpty {
            fields.append((name, list.joined(separator: ", ")))
        }
        guard let content = submission.content else { return fields }
        let (subject, more) = SimpleContent.read(content)
        if let subject { fields.append(("Subject", subject)) }
        fields += more
        fields += [("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=UTF-8")]
        return fields
    }

    private static func raw(_ submission: Submission) -> [(name: String, value: String)] {
        guard let content = submission.content else { return [] }
        // A prefix of whole groups of four: headers longer than that are cut off anyhow.
        let inner = content.body[content.value].dropFirst().dropLast()
        let prefix = inner.count <= 2 * limit ? inner : inner.prefix(2 * limit)
        guard let message = Base64.decode(prefix) else { return [] }
        return RawHeaders(message).fields.map { field in
            (field.name, field.value.split { $0 == " " || $0 == "\t" }.joined(separator: " "))
        }
    }
}
