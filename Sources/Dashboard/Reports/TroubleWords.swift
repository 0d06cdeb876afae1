public import Mail

/// Why mail did not arrive, in words for people who don't know SES's.
public enum TroubleWords {
    public static func title(_ status: MessageStatus) -> String {
        switch status {
        case .complained: "Readers complained"
        case .bounced: "Bounced: the receiving side refused it"
        case .rejected: "Amazon SES refused it for what is in it"
        case .failed: "Could not be sent"
        case .unknown: "Unknown: no answer came, so it may have been sent or not"
        case .suppressed: "Not sent: the address is suppressed"
        case .expired: "Not sent in time"
        case .canceled: "Canceled before it was sent"
        case .delayed: "Late: the receiving side puts it off, and Amazon SES tries on"
        default: status.rawValue
        }
    }

    /// What to do about it; nil where there is nothing to do.
    public static func advice(_ status: MessageStatus) -> String? {
        switch status {
        case .complained: "Write to those only who asked for it, and let them unsubscribe in one step."
        case .bounced:
            "Addresses that bounce for good are suppressed by themselves; take them off your lists, too."
        case .rejected: "Look for a virus or a blocked attachment in what you send."
        case .failed: "The reasons are in the words of Amazon SES. Senders that are not verified stand under Domains."
        case .unknown: "The policy of the tenant decides what becomes of these: send again, hold or fail."
        default: nil
        }
    }

    /// Of what a report has sorted by: `Permanent/General/5.1.1`, a complaint's type, or a sentence.
    public static func reason(_ name: String, status: MessageStatus) -> String {
        switch status {
        case .bounced: bounce(name)
        case .complained: complaint(name)
        case .delayed: delay(name)
        default: name.isEmpty ? "no reason is known" : name
        }
    }

    private static func bounce(_ name: String) -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let type = parts.first ?? ""
        let subtype = parts.count > 1 ? parts[1] : ""
        let code = parts.count > 2 && !parts[2].isEmpty ? " (\(parts[2]))" : ""
        let words =
            switch (type, subtype) {
            case ("Permanent", "NoEmail"): "there is no such address"
            case ("Permanent", "Suppressed"), ("Permanent", "OnAccountSuppressionList"):
                "Amazon SES does not send there any more, because it bounced before"
            case ("Permanent", "UnsubscribedRecipient"): "the reader has unsubscribed"
            case ("Permanent", _):
                mailbox(parts.count > 2 ? parts[2] : "") ?? "refused for good: most often there is no such address"
            case ("Transient", "MailboxFull"): "the mailbox is full"
            case ("Transient", "MessageTooLarge"): "the mail is too large for the receiver"
            case ("Transient", "ContentRejected"): "the receiver does not like what is in it"
            case ("Transient", "AttachmentRejected"): "the receiver does not take this attachment"
            case ("Transient", "CustomTimeoutExceeded"): "the receiver did not take it in time"
            case ("Transient", _): "refused for now, or an automatic answer"
            case ("Undetermined", _): "refused, and the receiver does not say why"
            case ("", _): "no reason is known"
            default: [type, subtype].filter { !$0.isEmpty }.joined(separator: ", ")
            }
        return words + code
    }

    /// RFC 3463: what the most frequent codes of a permanent failure mean.
    private static func mailbox(_ code: String) -> String? {
        switch code {
        case "5.1.1", "5.1.0", "5.1.6": "there is no such address"
        case "5.1.2", "5.4.4": "there is no such domain, or it takes no mail"
        case "5.2.1": "the mailbox is disabled"
        case "5.2.2": "the mailbox is full"
        case "5.7.1", "5.7.26", "5.7.25": "the receiver's rules forbid it"
        default: nil
        }
    }

    private static func complaint(_ name: String) -> String {
        switch name {
        case "abuse": "marked as spam"
        case "fraud": "taken for fraud"
        case "virus": "taken for a virus"
        case "auth-failure": "could not be authenticated"
        case "not-spam": "taken for no spam: no complaint"
        case "": "complained without a reason"
        default: name
        }
    }

    private static func delay(_ name: String) -> String {
        switch name {
        case "MailboxFull": "the mailbox is full"
        case "RecipientServerError": "the receiving server has trouble"
        case "IPFailure": "the sending address is held back for now"
        case "SpamDetected": "the receiver takes it for spam for now"
        case "TransientCommunicationFailure": "the connection broke"
        case "BYOIPHostNameLookupUnavailable": "a name could not be looked up"
        case "", "Undetermined", "InternalFailure", "General": "the receiver asks for patience"
        default: name
        }
    }
}
