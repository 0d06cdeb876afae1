import Mail
import Outbox

/// A message's content while its calls need it; gives its bytes back to the budget when the last of them is done.
final class LoadedContent: Sendable {
    enum Form: Sendable {
        case whole(MessageContent)
        /// The template is nil where the content is fixed; `own` is what recipients have of their own.
        case templated(TemplatedContent, MailTemplate?, own: [OutboxID: TemplateValue])
    }

    private let form: Form
    private let bytes: Int
    private let budget: ByteBudget

    init(_ form: Form, bytes: Int, budget: ByteBudget) {
        self.form = form
        self.bytes = bytes
        self.budget = budget
    }

    deinit {
        budget.giveBack(bytes)
    }

    /// What calls have in common that can go as one; nil for a content that goes alone.
    var frame: TemplatedContent.Frame? {
        if case .templated(let content, _, _) = form { content.frame } else { nil }
    }

    /// It is the same for every recipient.
    var isFixed: Bool {
        if case .fixed = frame?.source { true } else { false }
    }

    /// What a call sends; nil when it cannot be made, which was found out when the message was accepted.
    func message(for call: ClaimedCall) -> MessageContent? {
        switch form {
        case .whole(let content): return content
        case .templated(let content, _, _):
            guard let row = call.rows.first, let parts = filled(for: row) else { return nil }
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
    func filled(for row: ClaimedCall.Row) -> TemplateSource? {
        guard case .templated(let content, let template, let own) = form else { return nil }
        if case .fixed(let parts) = content.frame.source { return parts }
        let data = own[row.id].map { content.data.overlaid(by: $0) } ?? content.data
        return try? template?.filled(with: data, maximumBytes: MessageBuilder.absoluteMaximumBytes)
    }
}
