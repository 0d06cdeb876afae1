import Mail
import Outbox
import SES

/// A message's content while its calls need it; gives its bytes back to the budget when the last of them is done.
final class LoadedContent: Sendable {
    enum Form: Sendable {
        case whole(MessageContent)
        /// Of a newer node: this one cannot make a mail of it, but others can.
        case foreign
        /// The template is nil where the content is fixed; `own` is what recipients have of their own.
        case templated(TemplatedContent, MailTemplate?, own: RecipientData)
    }

    private let form: Form
    /// What every recipient of the message gets, where none has data of its own.
    private let common: FilledContent?
    private let bytes: Int
    private let budget: ByteBudget

    init(_ form: Form, bytes: Int, budget: ByteBudget) {
        self.form = form
        self.bytes = bytes
        common = Self.common(form)
        self.budget = budget
    }

    deinit {
        budget.giveBack(bytes)
    }

    var isForeign: Bool { if case .foreign = form { true } else { false } }

    /// What calls have in common that can go as one; nil for a content that goes alone.
    var frame: TemplatedContent.Frame? {
        if case .templated(let content, _, _) = form { content.frame } else { nil }
    }

    /// Nothing that is known already keeps it from going along with others.
    var mayShare: Bool { frame != nil && common?.size.fits ?? true }

    /// It is the same for every recipient.
    var isFixed: Bool {
        if case .fixed = frame?.source { true } else { false }
    }

    /// What a call sends; nil when it cannot be made, which was found out when the message was accepted.
    func message(for call: ClaimedCall) -> MessageContent? {
        switch form {
        case .whole(let content): return content
        case .foreign: return nil
        case .templated(let content, _, _):
            guard let row = call.rows.first, let parts = filled(for: row)?.source else { return nil }
            return .simple(
                SimpleContent(
                    from: content.frame.from,
                    to: row.email,
                    replyTo: content.frame.replyTo,
                    subject: parts.subject,
                    text: parts.text,
                    html: parts.html,
                    headers: content.frame.headers
                )
            )
        }
    }

    /// The texts of a templated content for one recipient.
    func filled(for row: ClaimedCall.Row) -> FilledContent? {
        guard case .templated(let content, let template, let own) = form else { return nil }
        if let common { return common }
        guard !own.damaged.contains(row.id) else { return nil }
        let data = own.values[row.id].map { content.data.overlaid(by: $0) } ?? content.data
        return Self.fill(template, with: data)
    }

    private static func common(_ form: Form) -> FilledContent? {
        guard case .templated(let content, let template, _) = form else { return nil }
        if case .fixed(let parts) = content.frame.source { return FilledContent(parts) }
        return content.isEach ? nil : fill(template, with: content.data)
    }

    private static func fill(_ template: MailTemplate?, with data: TemplateValue) -> FilledContent? {
        (try? template?.filled(with: data, maximumBytes: MessageBuilder.absoluteMaximumBytes)).map(FilledContent.init)
    }
}
