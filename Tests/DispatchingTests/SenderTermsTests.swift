import Directory
import Outbox
import SES
import Testing

@testable import Dispatching

/// What is wrong with one tenant's sender stops nobody else's mail.
@Suite struct SenderTermsTests {
    private static func verdict(
        _ kind: SendFailure.Kind,
        _ code: String,
        _ terms: SenderTerms,
        message: String = "no"
    ) -> Verdict {
        var random = SystemRandomNumberGenerator()
        return Verdict(
            of: .notSent(SendFailure(kind, code: code, message: message)),
            attempt: 1,
            unknownGrace: .seconds(120),
            terms: terms,
            using: &random
        )
    }

    @Test(
        arguments: [
            (SendFailure.Kind.credentials, "AccessDeniedException", SenderTerms(identityARN: "arn")),
            (.credentials, "AccessDeniedException", SenderTerms(feedbackIdentityARN: "arn")),
            (.configuration, "NotFoundException", SenderTerms(configurationSet: "own")),
            (.accountPaused, "ConfigurationSetSendingPausedException", SenderTerms(configurationSet: "own")),
            (.configuration, "MailFromDomainNotVerifiedException", SenderTerms.standard),
        ] as [(SendFailure.Kind, String, SenderTerms)]
    )
    func whatIsTheSendersOwnWaitsAndParksNothing(_ kind: SendFailure.Kind, _ code: String, _ terms: SenderTerms) {
        let verdict = Self.verdict(kind, code, terms)
        #expect(verdict.effect == .none)
        guard case .retry = verdict.result else {
            Issue.record("\(verdict.result)")
            return
        }
    }

    @Test func whoseRightsAreMissingIsNotToldToTenants() {
        let arn = "arn:aws:ses:eu-central-1:123456789012:identity/apa.example"
        let verdict = Self.verdict(
            .credentials,
            "AccessDeniedException",
            SenderTerms(identityARN: arn),
            message: "User: arn:aws:iam::210987654321:user/operator is not authorized"
        )
        guard case .retry(_, let detail) = verdict.result else {
            Issue.record("\(verdict.result)")
            return
        }
        #expect(detail.contains(arn) && !detail.contains("iam"))
    }

    @Test(
        arguments: [
            (SendFailure.Kind.credentials, "AccessDeniedException", SenderTerms.standard),
            (.credentials, "AccessDeniedException", SenderTerms(configurationSet: "own")),
            (.credentials, "ExpiredTokenException", SenderTerms(identityARN: "arn")),
            (.configuration, "NotFoundException", SenderTerms(identityARN: "arn")),
            (.accountPaused, "SendingPausedException", SenderTerms(configurationSet: "own")),
        ] as [(SendFailure.Kind, String, SenderTerms)]
    )
    func whatIsTheAccountsParksIt(_ kind: SendFailure.Kind, _ code: String, _ terms: SenderTerms) {
        guard case .park = Self.verdict(kind, code, terms).effect else {
            Issue.record("it is not parked")
            return
        }
    }
}
