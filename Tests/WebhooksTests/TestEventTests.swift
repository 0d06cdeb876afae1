import Foundation
import Mail
import Testing

@testable import Webhooks

/// A receiver that is tested with a test event meets the members that a real one has.
struct TestEventTests {
    /// Besides `message_id` and the other members of every event about mail.
    private static let details: [EventType: Set<String>] = [
        .scheduled: [], .queued: [], .canceled: [], .expired: [], .suppressed: [],
        .sent: ["ses_message_id"], .failed: ["attempt", "reason"], .unknown: ["attempt", "reason"],
        .delivered: ["ses_message_id", "delivery"], .deliveryDelayed: ["ses_message_id", "delay", "reason"],
        .bounced: ["ses_message_id", "bounce", "reason"], .complained: ["ses_message_id", "complaint", "reason"],
        .rejected: ["ses_message_id", "reject", "reason"], .opened: ["ses_message_id", "open"],
        .clicked: ["ses_message_id", "click"], .unsubscribed: [],
    ]

    private static func data(_ type: String) throws -> [String: Any] {
        let text = TestEvent.data(type: type, endpoint: "e", region: "AT")
        return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test(arguments: EventType.allCases)
    func eventsAboutMailHaveWhatRealOnesHave(_ type: EventType) throws {
        let data = try Self.data(type.rawValue)
        #expect(data["test"] as? Bool == true)
        let common: Set = [
            "test", "message_id", "recipient", "from", "subject", "region", "stream", "status", "tags", "metadata",
        ]
        #expect(Set(data.keys) == common.union(try #require(Self.details[type])))
        #expect(data["recipient"] as? String == "success@simulator.amazonses.com")
        #expect(data["status"] as? String == type.evidence.rawValue && data["region"] as? String == "AT")
        #expect(data["stream"] as? String == (type == .unsubscribed ? "bulk" : "transactional"))
        #expect(data["tags"] is [String: String] && data["metadata"] is [String: String])
        #expect(MessageID(try #require(data["message_id"] as? String)) != nil)
    }

    @Test func noticesNameTheEndpoint() throws {
        #expect(Set(try Self.data("webhook.test").keys) == ["test", "endpoint_id"])
        let disabled = try Self.data("webhook.disabled")
        #expect(Set(disabled.keys) == ["test", "endpoint_id", "host", "reason", "disabled_at", "missed_since"])
        #expect(disabled["endpoint_id"] as? String == "e")
        let slowed = try Self.data("tenant.slowed")
        #expect(Set(slowed.keys) == ["test", "account", "state", "previous", "reason"])
    }
}
