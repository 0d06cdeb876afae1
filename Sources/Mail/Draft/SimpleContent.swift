/// A plain mail to one recipient, for `Content.Simple` of SES API v2. Stored as JSON; SES builds the MIME message
/// from it.
///
/// Addresses are header forms: ASCII, names as encoded words. Texts are free of NUL, header fields are within SES's
/// limits.
public struct SimpleContent: Hashable, Codable, Sendable {
    /// `FromEmailAddress`.
    public let from: String
    /// The only entry of `Destination.ToAddresses`.
    public let to: String
    /// `ReplyToAddresses`.
    public let replyTo: [String]
    public let subject: String
    public let text: String?
    public let html: String?
    /// `Content.Simple.Headers`, at most 15.
    public let headers: [HeaderField]

    public init(
        from: String,
        to: String,
        replyTo: [String] = [],
        subject: String,
        text: String? = nil,
        html: String? = nil,
        headers: [HeaderField] = []
    ) {
        self.from = from
        self.to = to
        self.replyTo = replyTo
        self.subject = subject
        self.text = text
        self.html = html
        self.headers = headers
    }
}
