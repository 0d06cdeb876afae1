public import Mail
public import Outbound

/// One `SendBulkEmail`: contents that are filled already, each to one recipient, with what they have in common.
///
/// SES is only the pipe: the template that goes along is nothing but `{{subject}}`, `{{text}}` and `{{html}}`, so that what
/// is sent is what was checked, byte by byte. (SES escapes nothing in its templates.)
public struct BulkCall: Sendable {
    public struct Entry: Sendable {
        public var to: String
        /// What differs from `shared`; nil where nothing does.
        public var content: TemplateSource?
        /// Of this entry alone; SES repeats them in its events.
        public var tags: [SESTag]
        /// Beside those that all have.
        public var headers: [HeaderField]

        public init(to: String, content: TemplateSource?, tags: [SESTag], headers: [HeaderField] = []) {
            self.to = to
            self.content = content
            self.tags = tags
            self.headers = headers
        }
    }

    /// SES takes no more in one call.
    public static let maximumEntries = 50

    /// The largest body; SES takes 1 MB of template and data.
    public static let maximumBytes = 900_000

    /// The longest `TemplateData` and `ReplacementTemplateData`; with a longer one SES refuses the call.
    public static let maximumDataSize = 262_144

    /// `FromEmailAddress`, in header form.
    public var from: String
    public var replyTo: [String]
    public var headers: [HeaderField]
    /// Which parts the contents have, and what entries get that say nothing else.
    public var shared: TemplateSource
    public var entries: [Entry]
    /// As of a `SendCall`.
    public var configurationSet: String?
    public var identityARN: String?
    public var feedbackAddress: String?
    public var feedbackIdentityARN: String?
    /// See `OutboundRequest.deadline`.
    public var deadline: SendDeadline?

    public init(
        from: String,
        replyTo: [String] = [],
        headers: [HeaderField] = [],
        shared: TemplateSource,
        entries: [Entry],
        configurationSet: String? = nil,
        identityARN: String? = nil,
        feedbackAddress: String? = nil,
        feedbackIdentityARN: String? = nil,
        deadline: SendDeadline? = nil
    ) {
        self.from = from
        self.replyTo = replyTo
        self.headers = headers
        self.shared = shared
        self.entries = entries
        self.configurationSet = configurationSet
        self.identityARN = identityARN
        self.feedbackAddress = feedbackAddress
        self.feedbackIdentityARN = feedbackIdentityARN
        self.deadline = deadline
    }
}
