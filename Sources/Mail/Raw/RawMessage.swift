/// A MIME message as a tenant posted it, checked and without its Bcc fields, otherwise byte for byte (RFC 5322).
///
/// Lines may end in CRLF or LF. Only the header section is read: what the body holds, its encodings and its dates are
/// the sender's.
public struct RawMessage: Hashable, Sendable {
    /// The message to send: what was posted, without `Bcc` and `Resent-Bcc` (RFC 5322, section 3.6.3).
    public let bytes: [UInt8]

    /// The mailboxes of the From field, those in groups too; never empty.
    public let from: [EmailAddress]

    /// The Sender field's mailbox.
    public let sender: EmailAddress?

    /// The Return-Path field's mailbox, where SES sends bounces as mail; nil also for `<>`.
    public let returnPath: EmailAddress?

    /// The subject to show, at most 2,000 characters: encoded words decoded where their character set is known,
    /// control characters replaced by spaces.
    public let subject: String?

    /// Checks a message; the error lists every reason to refuse it.
    ///
    /// Refused: no header section, NUL anywhere, a line of more than 998 bytes, header lines that are no fields, not
    /// ASCII or with control characters, a From field that is missing, doubled or without a usable address, fields
    /// that SES takes only once, and `X-SES-*` fields, which steer SES.
    public init(parsing bytes: [UInt8]) throws(RawMessageError) {
        var check = RawMessageCheck(bytes)
        check.run()
        guard check.reasons.isEmpty else { throw RawMessageError(reasons: check.reasons) }
        self.bytes = check.withoutBlindCopies()
        from = check.from
        sender = check.sender
        returnPath = check.returnPath
        subject = check.subject
    }
}
