import Foundation

@testable import Gateway
@testable import Mail

/// Templates: filling one is bounded, escapes what HTML must not hold, and comes out the same when it is done again later.
enum TemplateProperties {
    private static let maximumBytes = 64 << 10

    static func check(_ input: [UInt8]) {
        let fields = input.fields(4)
        let html = fields[2].text
        let source = TemplateSource(
            subject: fields[0].text,
            text: fields[1].isEmpty ? nil : fields[1].text,
            html: fields[2].isEmpty ? nil : html
        )
        for part in [source.subject, source.text ?? "", html] { checkParser(part) }
        guard let template = try? MailTemplate(source) else { return }
        let document = try? JSONDocument(fields[3])
        let data = (try? document?.root.templateValue()) ?? .object([:])
        checkStored(data)
        let filled: TemplateSource
        do {
            filled = try template.filled(with: data, maximumBytes: maximumBytes)
        } catch {
            require(!error.failures.isEmpty && error.failures.count <= 60, "\(error.failures.count) failures")
            return
        }
        for part in [filled.subject, filled.text ?? "", filled.html ?? ""] {
            require(part.utf8.count <= maximumBytes, "a part of \(part.utf8.count) bytes")
        }
        if !html.contains("<"), !html.contains("{{{"), !html.contains("&"), !html.contains("{{~{") {
            require(filled.html?.contains("<") != true, "data were not escaped: \(filled.html ?? "")")
        }
        if let text = source.text, !text.contains("{{") {
            require(filled.text?.isSame(as: text) == true, "a text has changed")
        }
        // As it is done when the mail is sent: the source and the data have been stored.
        guard let stored = stored(data) else { return }
        let again = try? MailTemplate(source).filled(with: stored, maximumBytes: maximumBytes)
        require(again == filled, "filled again it is something else")
    }

    private static func checkParser(_ part: String) {
        do throws(TemplateError) {
            let nodes = try TemplateParser.parse(part)
            require(nodes.count <= part.utf8.count + 1, "more nodes than bytes")
        } catch {
            require(
                error.message.utf8.count < 20_000 + part.utf8.count,
                "a message of \(error.message.utf8.count) bytes"
            )
            require(error.line >= 1 && error.column >= 1, "it stands at \(error.line), \(error.column)")
        }
    }

    private static func stored(_ data: TemplateValue) -> TemplateValue? {
        guard let json = try? JSONEncoder().encode(data) else { return nil }
        return unwrap(try? JSONDecoder().decode(TemplateValue.self, from: json), "what was stored cannot be read")
    }

    private static func checkStored(_ data: TemplateValue) {
        guard let stored = stored(data) else { return }
        compare(data, stored)
    }

    private static func compare(_ one: TemplateValue, _ other: TemplateValue) {
        switch (one, other) {
        case (.list(let ones), .list(let others)):
            require(ones.count == others.count, "a list has changed")
            for (one, other) in zip(ones, others) { compare(one, other) }
        case (.object(let ones), .object(let others)):
            require(ones.count == others.count, "an object has changed")
            for (name, one) in ones { compare(one, unwrap(others[name], "a member is lost")) }
        default:
            let (mine, theirs) = (one.printed ?? "", other.printed ?? "")
            require(mine.isSame(as: theirs), "\(mine.debugDescription) is \(theirs.debugDescription) when it is stored")
        }
    }
}
