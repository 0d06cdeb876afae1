public import Foundation
public import Mail

/// One thing that SES said about mail of ours: what happened, to which recipients, and how it is told apart from all else
/// that SES says.
public struct Evidence: Sendable {
    /// Why an event suppresses its recipient.
    public enum Suppression: String, Sendable {
        case bounce
        case complaint
    }

    /// What SES counts against the account.
    public enum Harm: String, Sendable {
        case bounce
        case complaint
    }

    /// The account whose feedback it came with. Evidence about another account's mail is refused.
    public let accountID: Int32
    /// The queue entry that the tags name; nil for a notification without tags.
    public let entry: EntryID?
    /// The attempt that the tags name, from 1. Recipients that were suppressed before it were not in its call.
    public let attempt: Int16?
    public let sesMessageID: String
    /// Whom it is about, as SES writes it; nil for everybody in the call (`Send`, `Reject`).
    public let recipient: String?
    public let type: EventType
    /// The same whenever SES says the same again, by whatever way; different for everything else about a recipient.
    public let identity: String
    /// When it happened, as SES says.
    public let at: Date
    /// The event's own members in the feed and in webhooks, in SES's words: a JSON object.
    public let data: String
    public let suppression: Suppression?
    /// What it counts as in its sender's standing.
    public let harm: Harm?

    public init(
        accountID: Int32,
        entry: EntryID?,
        attempt: Int16? = nil,
        sesMessageID: String,
        recipient: String?,
        type: EventType,
        identity: String,
        at: Date,
        data: String,
        suppression: Suppression? = nil,
        harm: Harm? = nil
    ) {
        self.accountID = accountID
        self.entry = entry
        self.attempt = attempt
        self.sesMessageID = sesMessageID
        self.recipient = recipient
        self.type = type
        self.identity = identity
        self.at = at
        self.data = data
        self.suppression = suppression
        self.harm = harm
    }

    /// The identity of `email.sent`, whoever reports it: the answer to our call, or SES's `Send` event.
    public static func sentIdentity(_ sesMessageID: String) -> String {
        "\(EventType.sent.rawValue):\(sesMessageID)"
    }
}

/// What became of one piece of evidence.
public enum EvidenceResult: Sendable, Hashable {
    /// The status and the feed say it now.
    case applied
    /// It was known.
    case duplicate
    /// No row of this account has its tag or its SES message id.
    case unmatched
}
