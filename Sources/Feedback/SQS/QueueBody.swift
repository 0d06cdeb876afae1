import struct FoundationEssentials.Date

/// What a message of a queue holds. Our credentials read our queue, so that a signature need not be checked; who may write
/// into it is the queue's own policy.
enum QueueBody {
    /// What is to become of a message.
    enum Content: Sendable {
        case notification(Notification)
        /// Never to be applied: a reason and a sentence.
        case unfit(reason: String, detail: String)
    }

    /// SES's JSON as it is, in SNS's envelope, or in EventBridge's (handed on whole); or a notice in words.
    ///
    /// - Parameter topics: whose envelopes are taken; empty for any.
    static func read(
        _ message: QueueMessage,
        queue: String,
        accountID: Int32,
        topics: [String],
        receivedAt: Date
    ) -> Content {
        func notification(_ id: String, _ bytes: [UInt8]) -> Content {
            .notification(
                Notification(accountID: accountID, source: queue, id: id, receivedAt: receivedAt, message: bytes)
            )
        }
        guard let members = MemberScanner.members(message.body) else { return notification(message.id, message.body) }
        func text(_ name: String) -> String? {
            for case (name, .text(let text)) in members { return text }
            return nil
        }
        if text("TopicArn") != nil, text("Type") != nil {
            do throws(SNSEnvelope.Fault) {
                let envelope = try SNSEnvelope(members: members)
                return read(envelope, topics: topics, notification)
            } catch {
                return .unfit(reason: "bad_envelope", detail: "the envelope is not as SNS has it: \(error.detail)")
            }
        }
        if let id = text("id"), !id.isEmpty, text("detail-type") != nil, text("source") != nil {
            return notification(id, message.body)
        }
        return notification(message.id, message.body)
    }

    private static func read(
        _ envelope: SNSEnvelope,
        topics: [String],
        _ notification: (String, [UInt8]) -> Content
    ) -> Content {
        guard topics.isEmpty || topics.contains(envelope.topic) else {
            return .unfit(
                reason: "unlisted_topic",
                detail: "the topic \(envelope.topic) is not among the account's sns_topics"
            )
        }
        switch envelope.kind {
        case .notification: return notification(envelope.messageID, Array(envelope.message.utf8))
        case .subscription:
            return .unfit(
                reason: "subscription_unconfirmed",
                detail:
                    "the queue's subscription waits to be confirmed: open SubscribeURL, or subscribe with the queue's account"
            )
        case .unsubscription:
            return .unfit(reason: "subscription_ended", detail: "the queue's subscription to the topic was ended")
        }
    }
}
