public import Foundation
import Mail
import Outbox

/// Reads what SES publishes: event publishing (`eventType`), identity notifications (`notificationType`), both also inside
/// an EventBridge envelope, and the plain text that announces a topic. Pure.
///
/// What SES adds later is ignored where it is a member and set aside where it is a type.
public struct SESReader: Sendable {
    /// SNS and SQS carry no more.
    public static let limit = 256 << 10
    static let recipients = 1_000
    private static let depth = 32

    private let accountID: Int32
    private let receivedAt: Date

    /// - Parameter receivedAt: what SES's timestamps are measured by.
    public init(accountID: Int32, receivedAt: Date) {
        self.accountID = accountID
        self.receivedAt = receivedAt
    }

    public func read(_ message: [UInt8]) -> SESReading {
        guard message.count <= Self.limit else {
            return .unreadable(reason: "too_large", detail: "the message has \(message.count) bytes, of \(Self.limit)")
        }
        if message.starts(with: "Successfully validated SNS topic".utf8) { return .setupNotice }
        guard JSONDepth.isBounded(message, by: Self.depth) else {
            return .unreadable(reason: "malformed", detail: "the JSON is nested more than \(Self.depth) deep")
        }
        let document: SESDocument
        do {
            document = try JSONDecoder().decode(SESDocument.self, from: Data(message))
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            return .unreadable(reason: "not_json", detail: "the message is no JSON document")
        } catch {
            return .unreadable(reason: "malformed", detail: "the message is no JSON object as SES writes them")
        }
        return read(document)
    }

    private func read(_ document: SESDocument) -> SESReading {
        if let detail = document.details.first {
            // EventBridge. The events about mail carry SES's own document; those about the account do not.
            guard document.source == "aws.ses", detail.type != nil else {
                return .unused(type: document.detailType ?? document.source ?? "EventBridge")
            }
            return read(detail)
        }
        guard let type = document.type else {
            if let type = document.detailType { return .unused(type: EventText.clean(type, limit: 64)) }
            return .unreadable(reason: "malformed", detail: "there is neither eventType nor notificationType")
        }
        if type == "AmazonSnsSubscriptionSucceeded" { return .setupNotice }
        guard let kind = SESEventKind(rawValue: type) else { return .unused(type: EventText.clean(type, limit: 64)) }
        guard let mail = document.mail, let sesID = mail.messageID, EventText.isIdentifier(sesID) else {
            return .unreadable(reason: "malformed", detail: "\(type): there is no mail.messageId")
        }
        var entry: EntryID?
        if mail.hasTags {
            guard let id = mail.outboxID.flatMap(EntryID.init(text:)) else { return .notOurs }
            entry = id
        }
        return EventMaking(
            accountID: accountID,
            receivedAt: receivedAt,
            kind: kind,
            document: document,
            mail: mail,
            sesID: sesID,
            entry: entry
        ).reading
    }
}
