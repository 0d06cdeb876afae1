/// A valid message, ready to be stored and sent.
public struct ComposedMessage: Hashable, Sendable {
    /// The draft's From: the envelope's sender, and the header's unless the message was posted raw.
    public let from: EmailAddress

    /// Distinct mailboxes in the order to, cc, bcc. Row `n` of the outbox is `recipients[n - 1]`.
    public let recipients: [Recipient]

    /// The subject as people read it; nil where a raw message has none.
    public let subject: String?

    public let content: MessageContent

    /// Every address the message claims to come from (From, and a raw message's From, Sender and Return-Path): each
    /// must be allowed to the tenant. Distinct, `from` first.
    public let senders: [EmailAddress]

    /// Bytes of the MIME message, or of the parts of a simple one.
    public let size: Int

    public init(
        from: EmailAddress,
        recipients: [Recipient],
        subject: String?,
        content: MessageContent,
        senders: [EmailAddress],
        size: Int
    ) {
        self.from = from
        self.recipients = recipients
        self.subject = subject
        self.content = content
        self.senders = senders
        self.size = size
    }
}
