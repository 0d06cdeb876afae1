public import Mail
public import Outbound

/// One `SendEmail`: a message and the envelope that it goes out with.
public struct SendCall: Sendable {
    /// `FromEmailAddress`, in header form.
    public var from: String

    /// The envelope. A raw message that goes to one recipient a call has that one in `to`, whatever its header says.
    public var to: [String]
    public var cc: [String]
    public var bcc: [String]

    public var content: MessageContent

    public var tags: [SESTag]

    /// In place of the account's.
    public var configurationSet: String?

    /// The identity of another AWS account that authorises this one to send (`FromEmailAddressIdentityArn`).
    public var identityARN: String?

    /// Where SES sends bounces and complaints as mails, and the identity of another AWS account that authorises that.
    public var feedbackAddress: String?
    public var feedbackIdentityARN: String?

    /// See `OutboundRequest.deadline`.
    public var deadline: SendDeadline?

    public init(
        from: String,
        to: [String],
        cc: [String] = [],
        bcc: [String] = [],
        content: MessageContent,
        tags: [SESTag] = [],
        configurationSet: String? = nil,
        identityARN: String? = nil,
        feedbackAddress: String? = nil,
        feedbackIdentityARN: String? = nil,
        deadline: SendDeadline? = nil
    ) {
        self.from = from
        self.to = to
        self.cc = cc
        self.bcc = bcc
        self.content = content
        self.tags = tags
        self.configurationSet = configurationSet
        self.identityARN = identityARN
        self.feedbackAddress = feedbackAddress
        self.feedbackIdentityARN = feedbackIdentityARN
        self.deadline = deadline
    }
}
