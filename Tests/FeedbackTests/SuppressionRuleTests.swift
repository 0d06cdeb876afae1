import Feedback
import Foundation
import Outbox
import Testing

@Suite("Which events suppress an address")
struct SuppressionRuleTests {
    @Test(
        "Bounces",
        arguments: [
            ("Permanent", "General", .bounce), ("Permanent", "NoEmail", .bounce), ("Permanent", "Suppressed", .bounce),
            ("Permanent", "OnAccountSuppressionList", .bounce), ("Permanent", "SomethingNew", .bounce),
            ("Permanent", "OnTenantSuppressionList", nil), ("Permanent", "UnsubscribedRecipient", nil),
            ("Transient", "MailboxFull", nil), ("Undetermined", "Undetermined", nil),
        ] as [(String, String, Evidence.Suppression?)]
    )
    func bounces(type: String, subType: String, expected: Evidence.Suppression?) {
        let events = SESSample.events(SESSample.bounce(type: type, subType: subType))
        #expect(events.map(\.evidence.suppression) == [expected])
        #expect(events.map(\.alarm) == [nil])
    }

    @Test("Complaints, unless they are taken back")
    func complaints() {
        #expect(SESSample.events(SESSample.complaint()).map(\.evidence.suppression) == [.complaint])
        #expect(SESSample.events(SESSample.complaint(type: "null")).map(\.evidence.suppression) == [.complaint])
        #expect(SESSample.events(SESSample.complaint(type: #""not-spam""#)).map(\.evidence.suppression) == [nil])
    }

    @Test("Apple's relay refusing a sender alarms the operator and suppresses nobody")
    func privateRelay() {
        let code = "smtp; 550 5.1.1 <x@privaterelay.appleid.com>: Unauthorized Sender"
        let relay = SESSample.events(SESSample.bounce(recipients: ["x@privaterelay.appleid.com"], code: code))
        #expect(relay.map(\.evidence.suppression) == [nil])
        #expect(relay.map(\.alarm?.kind) == [.privateRelay])
        #expect(relay.map(\.alarm?.object) == ["example.com"])
        #expect(relay.allSatisfy { $0.alarm?.detail.contains("@") == false })
        // Another reason, or another domain, is a bounce as any other.
        let unknown = "smtp; 550 5.1.1 bad mailbox name"
        for (address, code) in [("x@privaterelay.appleid.com", unknown), ("x@privaterelay.appleid.com.example", code)] {
            let events = SESSample.events(SESSample.bounce(recipients: [address], code: code))
            #expect(events.map(\.evidence.suppression) == [.bounce])
            #expect(events.map(\.alarm) == [nil])
        }
    }
}
