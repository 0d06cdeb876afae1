import FoundationEssentials
import Signing

/// Writes what SNS posts, field by field in its own order and signed as its documentation says.
struct Envelope {
    /// Where the simulator answers: `http://127.0.0.1:8090`.
    let base: String
    let topicARN: String
    let topic: EventOptions.Topic?

    /// A `Notification`. `forge` signs another text.
    func notification(
        id: String,
        at milliseconds: Int64,
        subject: String?,
        message: String,
        topicARN foreign: String? = nil,
        forge: Bool = false
    ) -> String {
        let arn = foreign ?? topicARN
        let timestamp = WireTime.text(milliseconds)
        var signed = [("Message", message), ("MessageId", id)]
        if let subject { signed.append(("Subject", subject)) }
        signed += [("Timestamp", timestamp), ("TopicArn", arn), ("Type", "Notification")]
        var fields = [("Type", "Notification"), ("MessageId", id), ("TopicArn", arn)]
        if let subject { fields.append(("Subject", subject)) }
        fields += [("Message", message), ("Timestamp", timestamp)]
        fields += signature(of: forge ? signed + [("Forged", "yes")] : signed)
        fields.append(("UnsubscribeURL", "\(base)/_simulator/unsubscribe?SubscriptionArn=\(subscriptionARN)"))
        return Self.json(fields)
    }

    func subscriptionConfirmation(id: String, token: String, at milliseconds: Int64) -> String {
        let timestamp = WireTime.text(milliseconds)
        let message =
            "You have chosen to subscribe to the topic \(topicARN).\nTo confirm the subscription, visit the SubscribeURL "
            + "included in this message."
        let url =
            "\(base)/_simulator/confirm?Action=ConfirmSubscription&TopicArn=\(PercentCoding.encode(topicARN))&Token=\(token)"
        let type = "SubscriptionConfirmation"
        let signed = [
            ("Message", message), ("MessageId", id), ("SubscribeURL", url), ("Timestamp", timestamp), ("Token", token),
            ("TopicArn", topicARN), ("Type", type),
        ]
        return Self.json(
            [
                ("Type", type), ("MessageId", id), ("Token", token), ("TopicArn", topicARN), ("Message", message),
                ("SubscribeURL", url), ("Timestamp", timestamp),
            ] + signature(of: signed)
        )
    }

    /// The one subscription of the topic.
    var subscriptionARN: String {
        "\(topicARN):\(MessageID.uuid(high: Fate.hash(0, topicARN), low: Fate.hash(1, topicARN)))"
    }

    private func signature(of fields: [(String, String)]) -> [(String, String)] {
        // An envelope in a queue is not verified by anybody; it is as long as a signed one.
        guard let topic else { return [("SignatureVersion", "1"), ("Signature", "EXAMPLE"), certificateURL] }
        let text = fields.map { "\($0)\n\($1)\n" }.joined()
        let digest = topic.signatureVersion == 1 ? SigningKey.Digest.sha1 : .sha256
        let signature = Data(topic.key.signature(of: Array(text.utf8), digest: digest)).base64EncodedString()
        return [("SignatureVersion", "\(topic.signatureVersion)"), ("Signature", signature), certificateURL]
    }

    private var certificateURL: (String, String) { ("SigningCertURL", base + Self.certificatePath) }

    static let certificatePath = "/_simulator/SimpleNotificationService-sim.pem"

    private static func json(_ fields: [(String, String)]) -> String {
        let members = fields.map { "  \"\($0)\" : \(JSONText.quoted($1))" }
        return "{\n\(members.joined(separator: ",\n"))\n}"
    }
}
