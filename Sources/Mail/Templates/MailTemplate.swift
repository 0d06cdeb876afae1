/// A parsed template. Filling it takes time and room that are bounded, whatever it holds.
///
/// The language is a part of Handlebars: `{{a.b}}`, `{{{raw}}}`, `{{#if}}`, `{{#unless}}`, `{{#each}}`, `{{else}}`, comments.
/// Values are escaped in HTML and nowhere else. A value that is missing is an error, except where a condition asks for it.
public struct MailTemplate: Sendable {
    /// SES: 500 KB a template.
    public static let maximumBytes = 500_000

    public let source: TemplateSource
    private let subject: [TemplateNode]
    private let text: [TemplateNode]?
    private let html: [TemplateNode]?

    /// - Throws: everything that is wrong with the template, with pointers to its parts.
    public init(_ source: TemplateSource) throws(DraftError) {
        var failures: [ValidationFailure] = []
        if source.size > Self.maximumBytes {
            let detail = "the template has \(source.size) bytes; at most \(Self.maximumBytes) are accepted"
            failures.append(ValidationFailure(pointer: "", detail: detail))
        }
        if source.subject.utf8.allSatisfy({ $0 == ASCII.space }) {
            failures.append(ValidationFailure(pointer: "/subject", detail: "a subject is needed"))
        }
        if (source.text ?? "").isEmpty, (source.html ?? "").isEmpty {
            failures.append(ValidationFailure(pointer: "/text", detail: "text or html is needed"))
        }
        func parse(_ part: String?, at pointer: String) -> [TemplateNode]? {
            guard let part, !part.isEmpty else { return nil }
            if part.holdsNUL {
                failures.append(ValidationFailure(pointer: pointer, detail: "holds a NUL character"))
            }
            do throws(TemplateError) {
                return try TemplateParser.parse(part)
            } catch {
                failures.append(ValidationFailure(pointer: pointer, detail: error.description))
                return nil
            }
        }
        let subject = parse(source.subject, at: "/subject")
        let text = parse(source.text, at: "/text")
        let html = parse(source.html, at: "/html")
        guard failures.isEmpty else { throw DraftError(failures: failures) }
        self.source = source
        self.subject = subject ?? []
        self.text = text
        self.html = html
    }

    /// What comes out; a body that comes out empty is none.
    ///
    /// - Parameter maximumBytes: of each part.
    /// - Throws: everything that is missing of the data, or wrong with them; pointers begin at the data.
    public func filled(with data: TemplateValue, maximumBytes: Int) throws(TemplateDataError) -> TemplateSource {
        var failures: [ValidationFailure] = []
        var stepsLeft = TemplateRenderer.maximumSteps
        func fill(_ nodes: [TemplateNode]?, escapes: Bool = false) -> String? {
            guard let nodes else { return nil }
            do throws(TemplateDataError) {
                let filled = try TemplateRenderer.render(
                    nodes,
                    data,
                    escapes: escapes,
                    maximumBytes: maximumBytes,
                    stepsLeft: &stepsLeft
                )
                return filled.isEmpty ? nil : filled
            } catch {
                failures += error.failures.filter { !failures.contains($0) }
                return nil
            }
        }
        let filled = TemplateSource(subject: fill(subject) ?? "", text: fill(text), html: fill(html, escapes: true))
        guard failures.isEmpty else { throw TemplateDataError(failures: failures) }
        return filled
    }
}
