/// What one `SendEmail` call, or one entry of a `SendBulkEmail` call, asks SES to send.
struct Submission: Sendable {
    /// The lists of `Destination`, as they were written.
    struct Destination: Sendable, Equatable {
        var to: [String] = []
        var cc: [String] = []
        var bcc: [String] = []

        var isEmpty: Bool { to.isEmpty && cc.isEmpty && bcc.isEmpty }
    }

    struct Tag: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// The outbox row that a send belongs to, by tag.
    static let idTag = "sluice-id"
    /// The attempt's number, by tag.
    static let attemptTag = "sluice-attempt"

    var from: String?
    var replyTo: [String] = []
    var destination = Destination()
    /// Recipients that the message goes to: the destination's, or those in the headers of raw content.
    var recipients: [String] = []
    /// How many of them are mailbox-simulator addresses, which cost no daily quota.
    var exempt = 0
    var tags: [Tag] = []
    var configurationSet: String?
    /// The identity of another AWS account that authorises the send.
    var identityARN: String?
    var feedbackAddress: String?
    var feedbackIdentityARN: String?
    var content: SubmittedContent?
    /// Why SES would refuse it whatever the quota; nil where it is valid.
    var refusal: ServiceFailure?

    var outboxID: String? { tag(Self.idTag) }

    var attempt: Int32? { tag(Self.attemptTag).flatMap { Int32($0) } }

    private func tag(_ name: String) -> String? {
        tags.first { $0.name == name }?.value
    }
}
