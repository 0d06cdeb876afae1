import Directory
import SES

extension SendFailure {
    private static let refusedRights: Set<String> = ["AccessDenied", "AccessDeniedException", "NotAuthorized"]
    private static let missing: Set<String> = [
        "NotFoundException", "ConfigurationSetDoesNotExist", "ConfigurationSetDoesNotExistException",
    ]
    private static let pausedSet = "ConfigurationSetSendingPausedException"
    private static let mailFrom: Set<String> = ["MailFromDomainNotVerified", "MailFromDomainNotVerifiedException"]

    /// It is about what one tenant's sender goes out as: an identity that authorises nothing, a configuration set or a MAIL FROM
    /// domain of its own that is not in order. The account's other mail is none the worse.
    func isSendersOwn(_ terms: SenderTerms) -> Bool {
        guard let code else { return false }
        if Self.mailFrom.contains(code) { return true }
        if Self.refusedRights.contains(code) { return terms.identityARN != nil || terms.feedbackIdentityARN != nil }
        return terms.configurationSet != nil && (code == Self.pausedSet || Self.missing.contains(code))
    }

    /// What the tenant reads. Where rights are refused, SES's own words name the operator's credentials.
    func words(_ terms: SenderTerms) -> String {
        guard let code, Self.refusedRights.contains(code), isSendersOwn(terms) else { return message }
        let identities = Set([terms.identityARN, terms.feedbackIdentityARN].compactMap(\.self)).sorted()
        return
            "SES refuses to use \(identities.joined(separator: " or ")): its owner has to authorise this account (sending authorization)"
    }
}
