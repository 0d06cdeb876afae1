/// Everything a tenant submits that makes the message itself, as it was written: `MessageBuilder` says what is wrong
/// with it.
public struct Draft: Hashable, Sendable {
    public var from: String
    public var to: AddressField
    public var cc: AddressField
    public var bcc: AddressField
    public var replyTo: AddressField
    public var subject: String?
    public var text: String?
    public var html: String?
    public var headers: [HeaderField]
    public var attachments: [Attachment]
    /// A whole MIME message instead of subject, bodies, headers and attachments.
    public var raw: [UInt8]?

    public init(
        from: String,
        to: AddressField = [],
        cc: AddressField = [],
        bcc: AddressField = [],
        replyTo: AddressField = [],
        subject: String? = nil,
        text: String? = nil,
        html: String? = nil,
        headers: [HeaderField] = [],
        attachments: [Attachment] = [],
        raw: [UInt8]? = nil
    ) {
        self.from = from
        self.to = to
        self.cc = cc
        self.bcc = bcc
        self.replyTo = replyTo
        self.subject = subject
        self.text = text
        self.html = html
        self.headers = headers
        self.attachments = attachments
        self.raw = raw
    }
}
