/// Checks drafts and makes messages of them.
///
/// One recipient (`to`), no attachments and few ASCII headers make a `SimpleContent`; everything else becomes one
/// MIME message for all recipients, in which To and Cc are listed and Bcc never is. No Date and no Message-ID are
/// written: SES overwrites both.
///
/// A mailbox that is named more than once (`matchKey` decides) gets one copy, in the first place it was named: to
/// before cc before bcc. All entries count towards the limit of 50.
public struct MessageBuilder: Sendable {
    /// SES: To, Cc and Bcc together.
    public static let maximumRecipients = 50

    /// SES: 40 MB a message.
    public static let absoluteMaximumBytes = 40_000_000

    /// The largest message in bytes, MIME encoding included.
    public let maximumBytes: Int

    /// `maximumBytes` is clamped to 1 ... 40,000,000.
    public init(maximumBytes: Int = 10 * 1024 * 1024) {
        self.maximumBytes = min(max(maximumBytes, 1), Self.absoluteMaximumBytes)
    }

    /// Throws everything that is wrong with the draft. `seed` decides the boundaries: the same draft and seed give
    /// the same bytes.
    public func build(_ draft: Draft, seed: UInt64) throws(DraftError) -> ComposedMessage {
        var check = DraftCheck(draft, maximumBytes: maximumBytes)
        check.run()
        guard let from = check.from, check.failures.isEmpty else {
            throw DraftError(failures: check.failures, isTooLarge: check.isTooLarge)
        }
        if let raw = check.raw {
            return compose(raw, from: from, recipients: check.recipients)
        }
        let parts = DraftParts(draft, check: check, from: from)
        let content: MessageContent
        let size: Int
        if let simple = parts.simple {
            content = .simple(simple)
            size = parts.simpleSize
        } else {
            let bytes = parts.mime(seed: seed)
            guard bytes.count <= maximumBytes else {
                throw DraftError(failures: [DraftCheck.tooLarge(bytes.count, maximumBytes)], isTooLarge: true)
            }
            content = .raw(bytes)
            size = bytes.count
        }
        return ComposedMessage(
            from: from,
            recipients: check.recipients,
            subject: draft.subject,
            content: content,
            senders: [from],
            size: size
        )
    }

    /// What keeps a filled template from being sent as a plain mail; pointers are to its parts.
    public func failures(of filled: TemplateSource) -> [ValidationFailure] {
        let draft = Draft(from: "", subject: filled.subject, text: filled.text, html: filled.html)
        var check = DraftCheck(draft, maximumBytes: maximumBytes)
        check.checkTexts()
        if EncodedWord.looksEncoded(filled.subject) {
            check.fail("/subject", "the subject looks like an encoded word, which readers would decode")
        }
        return check.failures
    }

    private func compose(_ raw: RawMessage, from: EmailAddress, recipients: [Recipient]) -> ComposedMessage {
        var senders = [from]
        for address in raw.from + [raw.sender, raw.returnPath].compactMap({ $0 })
        where !senders.contains(where: { $0.matchKey == address.matchKey }) {
            senders.append(address)
        }
        return ComposedMessage(
            from: from,
            recipients: recipients,
            subject: raw.subject,
            content: .raw(raw.bytes),
            senders: senders,
            size: raw.bytes.count
        )
    }
}
