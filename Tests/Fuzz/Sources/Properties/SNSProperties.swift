import Foundation

@testable import Feedback
@testable import Gateway
@testable import Mail

/// SNS's envelopes: only one text of an envelope has one signature, and URLs lead where SNS answers.
enum SNSProperties {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    static func check(_ input: [UInt8]) {
        let message = QueueMessage(id: "1", receipt: "1", body: input, receives: 1)
        let content = QueueBody.read(message, queue: "q", accountID: 1, topics: [], receivedAt: now)
        if case .notification(let notification) = content {
            require(notification.message.count <= input.count, "the notification has grown")
        }
        let envelope: SNSEnvelope
        do {
            envelope = try SNSEnvelope(input)
        } catch {
            require(error.detail.utf8.count < 200, "a long refusal")
            return
        }
        check(envelope)
        checkSigned(envelope)
        checkFoundation(envelope, input)
        let again = unwrap(try? SNSEnvelope(written(envelope)), "written anew it is refused")
        require(again.signedText == envelope.signedText, "written anew something else is signed")
    }

    private static func check(_ envelope: SNSEnvelope) {
        _ = envelope.signatureBytes
        let age = EnvelopeAge(of: envelope, now: now)
        if let at = envelope.sentAt {
            let isNear = abs(at.timeIntervalSince(now)) < 300
            require(!isNear || age == .current, "an envelope of now is \(age)")
        } else {
            require(age != .current, "an envelope without a time is current")
        }
        guard let origin = SNSOrigin(topic: envelope.topic) else { return }
        let host = String(origin.text.dropFirst("https://".count))
        for (url, isTaken) in [
            (envelope.signingCertURL, envelope.signingCertURL.map(origin.isCertificate)),
            (envelope.subscribeURL, envelope.subscribeURL.map(origin.isConfirmation)),
        ] {
            guard let url, isTaken == true, let components = URLComponents(string: url) else { continue }
            require(components.scheme == "https" && components.host == host, "\(url) leads elsewhere")
            require(components.user == nil && components.port == nil, "\(url) names a user or a port")
        }
    }

    /// The members come back out of the signed text, from its end: so no other envelope has the same one.
    private static func checkSigned(_ envelope: SNSEnvelope) {
        var lines = envelope.signedText.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        require(lines.popLast()?.isEmpty == true, "the signed text does not end in a line end")
        func take(_ name: String, _ value: String?) {
            guard let value else { return }
            require(lines.popLast().map { $0.elementsEqual(value.utf8) } == true, "\(name) is not what is signed")
            require(lines.popLast().map { $0.elementsEqual(name.utf8) } == true, "\(name) is not where it is signed")
        }
        take("Type", envelope.kind.rawValue)
        take("TopicArn", envelope.topic)
        if envelope.kind != .notification { take("Token", envelope.token) }
        take("Timestamp", envelope.timestamp)
        if envelope.kind == .notification { take("Subject", envelope.subject) }
        if envelope.kind != .notification { take("SubscribeURL", envelope.subscribeURL) }
        take("MessageId", envelope.messageID)
        require(lines.popFirst().map { $0.elementsEqual("Message".utf8) } == true, "Message is not where it is signed")
        require(lines.joined(separator: [0x0A]).elementsEqual(envelope.message.utf8), "Message is not what is signed")
    }

    /// Where Foundation takes the text, too, it reads the same. Members that are not needed may be what is no JSON.
    private static func checkFoundation(_ envelope: SNSEnvelope, _ input: [UInt8]) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(input)) as? [String: Any] else { return }
        let members = [("Message", envelope.message), ("TopicArn", envelope.topic), ("MessageId", envelope.messageID)]
        for (name, text) in members {
            require((object[name] as? String)?.isSame(as: text) == true, "\(name) is another for Foundation")
        }
    }

    private static func written(_ envelope: SNSEnvelope) -> [UInt8] {
        let members: [(String, String?)] = [
            ("Type", envelope.kind.rawValue), ("MessageId", envelope.messageID), ("TopicArn", envelope.topic),
            ("Message", envelope.message), ("Subject", envelope.subject), ("Timestamp", envelope.timestamp),
            ("Token", envelope.token), ("SubscribeURL", envelope.subscribeURL),
        ]
        return JSONValue.object(members.compactMap { name, value in value.map { (name, JSONValue.string($0)) } }).bytes
    }
}
