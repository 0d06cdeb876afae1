import Directory
import Mail
import Outbox

/// What a request's template makes of the request: its texts, checked now, and what is stored so that they come out the same
/// when the mail is sent.
struct TemplateFilling {
    /// SES takes as much in one template's data.
    static let maximumDataBytes = 256 << 10

    private let template: ResolvedTemplate?
    private let data: TemplateValue
    private var filled: TemplateSource?
    private(set) var failures: [ValidationFailure] = []

    init(_ request: SendRequest, template: ResolvedTemplate?, maximumBytes: Int) {
        self.template = template
        data = request.data ?? .object([:])
        failures = request.templateFailures
        guard let template, failures.isEmpty else { return }
        do throws(TemplateDataError) {
            filled = try template.template.filled(with: data, maximumBytes: maximumBytes)
        } catch {
            failures += error.pointed(at: "/data")
        }
    }

    /// Gives a draft the texts of its template.
    func fill(_ draft: inout Draft) {
        guard template != nil else { return }
        // Something, where the template has failed already: the rest of the draft is checked, too.
        draft.subject = filled?.subject ?? "-"
        draft.text = filled == nil ? "-" : filled?.text
        draft.html = filled?.html
    }

    /// Failures of texts that the request did not write itself.
    func pointed(_ failures: [ValidationFailure]) -> [ValidationFailure] {
        template == nil ? failures : failures.map(\.ofTemplate)
    }

    /// What is stored of a composed message. A plain one is filled when it is sent; all others are made of what was filled now.
    func content(of message: ComposedMessage) throws -> StoredContent {
        guard let template, case .simple(let simple) = message.content else {
            return try StoredContent(message.content)
        }
        let frame = TemplatedContent.Frame(
            from: simple.from,
            replyTo: simple.replyTo,
            headers: simple.headers,
            source: .version(template.number)
        )
        return try StoredContent(TemplatedContent(frame: frame, data: data), filledSize: message.size)
    }
}

extension SendRequest {
    /// What cannot stand beside a template, or without one.
    var templateFailures: [ValidationFailure] {
        guard template != nil else {
            return data == nil ? [] : [ValidationFailure(pointer: "/data", detail: "is given without a template")]
        }
        let texts = [("/subject", subject), ("/text", text), ("/html", html), ("/raw", raw)]
        var failures = texts.filter { $0.1 != nil }.map {
            ValidationFailure(pointer: $0.0, detail: "the template says this; leave it out, or leave out the template")
        }
        if let data, !data.isObject {
            failures.append(ValidationFailure(pointer: "/data", detail: "must be an object"))
        }
        // Before it is filled with: that takes time.
        if let failure = data?.excess { failures.append(failure) }
        return failures
    }
}

extension TemplateValue {
    var isObject: Bool { if case .object = self { true } else { false } }

    /// What is to be said of data that are too large; nil for others.
    var excess: ValidationFailure? {
        guard size > TemplateFilling.maximumDataBytes else { return nil }
        return ValidationFailure(pointer: "/data", detail: "is larger than \(TemplateFilling.maximumDataBytes) bytes")
    }
}

extension TemplateDataError {
    /// The failures with pointers into a request whose data stand at `member`.
    func pointed(at member: String) -> [ValidationFailure] {
        failures.map { failure in
            ValidationFailure(
                pointer: failure.pointer.isEmpty ? "/template" : member + failure.pointer,
                detail: failure.detail
            )
        }
    }
}

extension ValidationFailure {
    /// The same of a text that came out of a template.
    var ofTemplate: ValidationFailure {
        guard ["/subject", "/text", "/html"].contains(pointer) else { return self }
        return ValidationFailure(
            pointer: "/template",
            detail: "its filled \(pointer.dropFirst()): \(detail)",
            line: line
        )
    }
}
