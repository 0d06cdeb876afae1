import struct FoundationEssentials.Data
import struct FoundationEssentials.Date

/// What SNS wraps a message in ("HTTP/HTTPS notification JSON format" in its developer guide). Members that are not signed and not
/// needed may be anything; those that are signed come once.
struct SNSEnvelope: Sendable {
    enum Kind: String, Sendable {
        case notification = "Notification"
        case subscription = "SubscriptionConfirmation"
        case unsubscription = "UnsubscribeConfirmation"
    }

    /// Why a text is no envelope.
    struct Fault: Error {
        let detail: String
    }

    /// The members that are read, and how many bytes each may have at most. The message is bounded by the body.
    private static let limits = [
        "Type": 64, "MessageId": 128, "TopicArn": 512, "Message": Int.max, "Subject": 1024, "Timestamp": 64,
        "Token": 2048, "SubscribeURL": 4096, "SignatureVersion": 8, "Signature": 4096, "SigningCertURL": 1024,
    ]

    let kind: Kind
    let messageID: String
    let topic: String
    let message: String
    let subject: String?
    let timestamp: String
    let token: String?
    let subscribeURL: String?
    let signatureVersion: String?
    let signature: String?
    let signingCertURL: String?

    /// - Throws: ``Fault`` when `body` is not an envelope, in words that hold nothing of it.
    init(_ body: [UInt8]) throws(Fault) {
        guard let members = MemberScanner.members(body) else { throw Fault(detail: "the body is not a JSON object") }
        try self.init(members: members)
    }

    init(members: [(name: String, value: MemberScanner.Value)]) throws(Fault) {
        var texts: [String: String] = [:]
        var seen: Set<String> = []
        for (name, value) in members {
            guard let limit = Self.limits[name] else { continue }
            guard seen.insert(name).inserted else { throw Fault(detail: "\(name) is given twice") }
            switch value {
            case .text(let text):
                guard text.utf8.count <= limit else { throw Fault(detail: "\(name) is longer than \(limit) bytes") }
                // The signed text is lines. If more than one member could have some of its own, two envelopes could share a
                // signature.
                guard name == "Message" || !text.utf8.contains(0x0A) else {
                    throw Fault(detail: "\(name) has a line break")
                }
                texts[name] = text
            case .other(isNull: true): break
            case .other: throw Fault(detail: "\(name) is not a text")
            }
        }
        func need(_ name: String) throws(Fault) -> String {
            guard let text = texts[name], !text.isEmpty || name == "Message" else {
                throw Fault(detail: "\(name) is missing")
            }
            return text
        }
        guard let kind = Kind(rawValue: try need("Type")) else {
            throw Fault(detail: "Type is none of Notification, SubscriptionConfirmation, UnsubscribeConfirmation")
        }
        self.kind = kind
        messageID = try need("MessageId")
        topic = try need("TopicArn")
        message = try need("Message")
        timestamp = try need("Timestamp")
        subject = texts["Subject"]
        let isConfirmation = kind != .notification
        token = isConfirmation ? try need("Token") : nil
        subscribeURL = isConfirmation ? try need("SubscribeURL") : nil
        signatureVersion = texts["SignatureVersion"]
        signature = texts["Signature"]
        signingCertURL = texts["SigningCertURL"]
    }

    /// What SNS signs: names and values, each on a line, in the order of the names' bytes.
    var signedText: [UInt8] {
        let members: [(String, String?)] =
            switch kind {
            case .notification:
                [
                    ("Message", message), ("MessageId", messageID), ("Subject", subject), ("Timestamp", timestamp),
                    ("TopicArn", topic), ("Type", kind.rawValue),
                ]
            case .subscription, .unsubscription:
                [
                    ("Message", message), ("MessageId", messageID), ("SubscribeURL", subscribeURL),
                    ("Timestamp", timestamp), ("Token", token), ("TopicArn", topic), ("Type", kind.rawValue),
                ]
            }
        var text: [UInt8] = []
        for case (let name, let value?) in members {
            text += Array(name.utf8) + [0x0A] + Array(value.utf8) + [0x0A]
        }
        return text
    }

    /// The instant of ``timestamp``, such as `2026-01-02T03:04:05.678Z`.
    var sentAt: Date? {
        guard timestamp.hasSuffix("Z") else { return nil }
        return (try? Date(timestamp, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            ?? (try? Date(timestamp, strategy: .iso8601))
    }

    /// The signature's bytes.
    var signatureBytes: [UInt8]? {
        signature.flatMap { Data(base64Encoded: $0) }.map(Array.init)
    }
}
