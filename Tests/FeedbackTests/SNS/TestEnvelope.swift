import Foundation
import Signing

@testable import Feedback

/// An envelope as SNS writes it, to be signed and then altered.
struct TestEnvelope {
    static let topic = "arn:aws:sns:eu-central-1:123456789012:ses-events"
    static let url = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123abcd.pem"

    var members: [String: String]

    init(
        _ type: String = "Notification",
        message: String = #"{"eventType":"Send","mail":{}}"# + "\n",
        at date: Date = Date(),
        version: String = "2",
        subject: String? = "Amazon SES Email Event Notification"
    ) {
        members = [
            "Type": type, "MessageId": "6d0bfe22-6ae0-5f3b-8f3c-9f0f8b1a2c3d", "TopicArn": Self.topic,
            "Message": message, "Timestamp": date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            "SignatureVersion": version, "SigningCertURL": Self.url,
        ]
        if type == "Notification" {
            members["Subject"] = subject
            members["UnsubscribeURL"] = "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe"
        } else {
            members["Token"] = "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92"
            members["SubscribeURL"] =
                "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=\(Self.topic)&Token=2336"
        }
    }

    /// The members that SNS signs, by its documentation and not by our code.
    var signedNames: [String] {
        members["Type"] == "Notification"
            ? ["Message", "MessageId"] + (members["Subject"] == nil ? [] : ["Subject"])
                + ["Timestamp", "TopicArn", "Type"]
            : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    }

    /// With the signature that `key` makes of it as it is.
    func signed(by key: SigningKey) -> TestEnvelope {
        let text = signedNames.map { "\($0)\n\(members[$0] ?? "")\n" }.joined()
        let digest: SigningKey.Digest = members["SignatureVersion"] == "1" ? .sha1 : .sha256
        var signed = self
        signed.members["Signature"] = Data(key.signature(of: Array(text.utf8), digest: digest)).base64EncodedString()
        return signed
    }

    func with(_ name: String, _ value: String?) -> TestEnvelope {
        var changed = self
        changed.members[name] = value
        return changed
    }

    var body: [UInt8] {
        (try? JSONEncoder().encode(members)).map(Array.init) ?? []
    }

    var envelope: SNSEnvelope {
        get throws { try SNSEnvelope(body) }
    }
}
