import Outbox
import Testing

@testable import Feedback

/// What counts against a sender is what SES counts against the account.
struct HarmRuleTests {
    @Test(
        arguments: [
            ("Permanent", "General", true), ("Permanent", "NoEmail", true), ("Permanent", "Suppressed", true),
            ("Permanent", nil, true), ("Permanent", "OnAccountSuppressionList", false),
            ("Permanent", "OnTenantSuppressionList", false), ("Permanent", "UnsubscribedRecipient", false),
            ("Transient", "MailboxFull", false), ("Undetermined", "Undetermined", false), (nil, nil, false),
        ] as [(String?, String?, Bool)]
    )
    func bounces(type: String?, subType: String?, counts: Bool) {
        let harm = HarmRule.bounce(type: type, subType: subType, recipient: "a@b.example")
        #expect(harm == (counts ? .bounce : nil))
        #expect(HarmRule.bounce(type: type, subType: subType, recipient: "bounce+1@simulator.amazonses.com") == nil)
    }

    @Test(
        arguments: [
            ("abuse", nil, true), (nil, nil, true), ("not-spam", nil, false), ("NOT-SPAM", nil, false),
            (nil, "OnAccountSuppressionList", false),
        ] as [(String?, String?, Bool)]
    )
    func complaints(feedbackType: String?, subType: String?, counts: Bool) {
        let harm = HarmRule.complaint(feedbackType: feedbackType, subType: subType, recipient: "a@b.example")
        #expect(harm == (counts ? .complaint : nil))
    }

    @Test func aRefusalByAppleCountsThoughItSuppressesNobody() {
        let recipient = "x@privaterelay.appleid.com"
        #expect(SuppressionRule.bounce(type: "Permanent", subType: "General", isUnknownSender: true) == nil)
        #expect(HarmRule.bounce(type: "Permanent", subType: "General", recipient: recipient) == .bounce)
    }
}
