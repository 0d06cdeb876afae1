import Outbox

/// Which events keep a tenant's later mail from an address.
///
/// | what SES says | what follows |
/// |---|---|
/// | permanent bounce | suppressed: also where SES did not try, because its own account or global list has the address, since it will not try the next time either |
/// | permanent bounce, `OnTenantSuppressionList` | not: that list is of one tenant of SES's, and which of ours that is SES does not say |
/// | permanent bounce, `UnsubscribedRecipient` | not: somebody left one topic of a contact list; the address works |
/// | permanent bounce of an Apple private relay address for an unauthorised sender | not: the sender's domain is not registered at Apple, which is the operator's fault and no word about the address |
/// | transient or undetermined bounce | not |
/// | complaint | suppressed, but for `not-spam`, by which somebody takes a complaint back |
enum SuppressionRule {
    private static let relay = "@privaterelay.appleid.com"

    static func bounce(type: String?, subType: String?, isUnknownSender: Bool) -> Evidence.Suppression? {
        guard type == "Permanent", !isUnknownSender, subType != "OnTenantSuppressionList",
            subType != "UnsubscribedRecipient"
        else { return nil }
        return .bounce
    }

    static func complaint(feedbackType: String?) -> Evidence.Suppression? {
        feedbackType?.lowercased() == "not-spam" ? nil : .complaint
    }

    /// Whether Apple's relay refused the sender and not the recipient.
    static func isUnknownSender(type: String?, recipient: String, diagnosticCode: String?) -> Bool {
        type == "Permanent" && recipient.lowercased().hasSuffix(relay)
            && diagnosticCode?.lowercased().contains("unauthorized sender") == true
    }
}
