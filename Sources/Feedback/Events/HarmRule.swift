import Outbox

/// Which events SES counts against an account, and we therefore against a tenant.
///
/// | what SES says | counts |
/// |---|---|
/// | permanent bounce | yes: also `Suppressed`, by SES's global list, and an Apple private relay address's refusal |
/// | permanent bounce, `OnAccountSuppressionList`, `OnTenantSuppressionList`, `UnsubscribedRecipient` | no: SES did not try |
/// | transient or undetermined bounce | no |
/// | complaint | yes, but for `not-spam` and for what SES did not try |
/// | anything of SES's mailbox simulator | no |
enum HarmRule {
    private static let simulator = "@simulator.amazonses.com"
    private static let untried: Set<String> = [
        "OnAccountSuppressionList", "OnTenantSuppressionList", "UnsubscribedRecipient",
    ]

    static func bounce(type: String?, subType: String?, recipient: String?) -> Evidence.Harm? {
        guard type == "Permanent", !untried.contains(subType ?? ""), !isSimulated(recipient) else { return nil }
        return .bounce
    }

    static func complaint(feedbackType: String?, subType: String?, recipient: String?) -> Evidence.Harm? {
        guard feedbackType?.lowercased() != "not-spam", !untried.contains(subType ?? ""), !isSimulated(recipient)
        else { return nil }
        return .complaint
    }

    private static func isSimulated(_ recipient: String?) -> Bool {
        recipient?.lowercased().hasSuffix(simulator) ?? false
    }
}
