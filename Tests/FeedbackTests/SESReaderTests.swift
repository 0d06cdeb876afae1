import Feedback
import Foundation
import Mail
import Outbox
import Testing

@Suite("What SES publishes, as evidence")
struct SESReaderTests {
    private func only(_ text: String) throws -> SESEvent {
        let events = SESSample.events(text)
        try #require(events.count == 1)
        return events[0]
    }

    @Test(
        "Every type has its evidence, its recipient, its identity and its time",
        arguments: [
            (SESSample.send, EventType.sent, nil, "email.sent:ID", 1_767_323_040.0),
            (SESSample.delivery, .delivered, "r@x.example", "email.delivered:ID", 1_767_323_045.678),
            (
                SESSample.delay, .deliveryDelayed, "r@x.example", "email.delivery_delayed:ID:1767323046000",
                1_767_323_046
            ),
            (SESSample.bounce(), .bounced, "r@x.example", "email.bounced:ID:0100-fb-000000", 1_767_323_047),
            (SESSample.complaint(), .complained, "r@x.example", "email.complained:ID:0100-fc-000000", 1_767_323_048),
            (SESSample.reject, .rejected, nil, "email.rejected:ID", 1_767_323_040),
            (SESSample.renderingFailure, .rejected, nil, "email.rejected:ID", 1_767_323_040),
            (SESSample.open, .opened, nil, "email.opened:ID:1767323049000", 1_767_323_049),
            // printf https://shop.example/a | sha256sum
            (SESSample.click(), .clicked, nil, "email.clicked:ID:1767323049500:aadc17b7d40739d1", 1_767_323_049.5),
        ] as [(String, EventType, String?, String, Double)]
    )
    func types(text: String, type: EventType, recipient: String?, identity: String, at: Double) throws {
        let evidence = try only(text).evidence
        #expect(evidence.type == type)
        #expect(evidence.recipient == recipient)
        #expect(evidence.identity == identity.replacing("ID", with: SESSample.sesID))
        #expect(abs(evidence.at.timeIntervalSince1970 - at) < 0.001)
        #expect(evidence.accountID == 7)
        #expect(evidence.entry?.text == SESSample.row)
        #expect(evidence.sesMessageID == SESSample.sesID)
        #expect(try SESSample.data(only(text))["ses_message_id"] as? String == SESSample.sesID)
        #expect(try SESSample.data(only(text))["ses_timestamp"] == nil)
    }

    @Test("The details are SES's words")
    func details() throws {
        func member(_ text: String, _ name: String) throws -> [String: Any] {
            try SESSample.data(only(text))[name] as? [String: Any] ?? [:]
        }
        let bounce = try member(SESSample.bounce(), "bounce")
        #expect(
            bounce as? [String: String] == [
                "type": "Permanent", "sub_type": "General", "status": "5.1.1",
                "diagnostic_code": "smtp; 550 5.1.1 unknown", "reporting_mta": "dsn; mta.x",
                "feedback_id": "0100-fb-000000",
            ]
        )
        let reason = try SESSample.data(only(SESSample.bounce()))["reason"] as? String
        #expect(reason == "Permanent bounce (General): smtp; 550 5.1.1 unknown")
        let complaint = try member(SESSample.complaint(), "complaint")
        #expect(complaint["feedback_type"] as? String == "abuse")
        #expect(complaint["user_agent"] as? String == "FBL/1")
        #expect(complaint["sub_type"] == nil)
        let delivery = try member(SESSample.delivery, "delivery")
        #expect(delivery["processing_time_ms"] as? Int == 5678)
        #expect(delivery["smtp_response"] as? String == "250 2.6.0 ok")
        #expect(try member(SESSample.delay, "delay")["expires_at"] as? String == "2026-01-02T17:04:00.000Z")
        #expect(try member(SESSample.reject, "reject")["reason"] as? String == "Bad content")
        #expect(try member(SESSample.renderingFailure, "reject")["template"] as? String == "T")
        #expect(try member(SESSample.open, "open")["user_agent"] as? String == "UA")
        let click = try member(SESSample.click(), "click")
        #expect(click["link"] as? String == "https://shop.example/a")
        #expect(click["link_tags"] as? [String: String] == ["k": "v,w"])
    }

    @Test("Link tags whose names are the same once they are cleaned are one")
    func linkTags() throws {
        let tags = #""k\u0001":["v"],"k ":["w"],"l":["x"]"#
        let click = SESSample.click().replacing(#""k":["v","w"]"#, with: tags)
        let data = try only(click).evidence.data
        #expect(data.contains(#""link_tags":{"k ":"v","l":"x"}"#), "\(data)")
    }

    @Test("The two mechanisms, and EventBridge, say one thing with one identity")
    func identities() throws {
        let notification = SESSample.mail(tags: nil)
        let pairs = [
            (SESSample.bounce(), SESSample.bounce(key: "notificationType", mail: notification)),
            (SESSample.complaint(), SESSample.complaint(key: "notificationType", mail: notification)),
            // A feedback id that is missing in both: the time, however it is written.
            (
                SESSample.bounce(feedbackID: nil),
                SESSample.bounce(
                    feedbackID: nil,
                    timestamp: "2026-01-02T04:04:07+01:00",
                    key: "notificationType",
                    mail: notification
                )
            ),
        ]
        for (published, notified) in pairs {
            let bridged = """
                {"version":"0","id":"e","detail-type":"Email Bounced","source":"aws.ses","account":"1","resources":[],
                 "time":"2026-01-02T03:04:07Z","region":"us-east-1","detail":\(published)}
                """
            #expect(try only(published).evidence.identity == only(notified).evidence.identity)
            #expect(try only(published).evidence.identity == only(bridged).evidence.identity)
            #expect(try only(notified).evidence.entry == nil)
            #expect(try only(bridged).evidence.entry != nil)
        }
        let first = try only(SESSample.click()).evidence.identity
        #expect(try first != only(SESSample.click(link: "https://shop.example/b")).evidence.identity)
    }

    @Test("One piece for each recipient, each once, compared as addresses are")
    func recipients() {
        let text = SESSample.bounce(recipients: ["R@X.example", "r@x.example", "Two <two@b\u{fc}cher.example>", "odd"])
        #expect(
            SESSample.events(text).map(\.evidence.recipient) == ["r@x.example", "two@xn--bcher-kva.example", "odd"]
        )
        #expect(Set(SESSample.events(text).map(\.evidence.identity)).count == 1)
    }

    @Test("An event that names nobody is about the only one that it can be about")
    func nobody() throws {
        #expect(try only(SESSample.bounce(recipients: [])).evidence.recipient == nil)
        let untagged = SESSample.mail(tags: nil)
        #expect(try only(SESSample.bounce(recipients: [], mail: untagged)).evidence.recipient == "r@x.example")
        let two = untagged.replacing(#"["r@x.example"],"headersT"#, with: #"["a@x.example","b@x.example"],"headersT"#)
        guard case .unreadable("malformed", let detail) = SESSample.read(SESSample.bounce(recipients: [], mail: two))
        else {
            Issue.record("it was taken")
            return
        }
        #expect(detail.contains("names no recipient"))
    }

    @Test("Tags say whose mail it is")
    func tags() throws {
        func entry(_ tags: String?) -> SESReading {
            SESSample.read(SESSample.event("Send", "", mail: SESSample.mail(tags: tags)))
        }
        guard case .notOurs = entry(#"{"ses:configuration-set":["gw"]}"#) else {
            Issue.record("somebody else's mail was taken")
            return
        }
        for strange in ["[]", #"["x"]"#, #"["\#(SESSample.row.uppercased())"]"#, "7", #""\#(SESSample.row)""#] {
            guard case .notOurs = entry(#"{"sluice-id":\#(strange)}"#) else {
                Issue.record("\(strange) was taken for an id")
                continue
            }
        }
        for untagged in [nil, "{}", "null"] {
            guard case .events(let events) = entry(untagged) else {
                Issue.record("an event without tags was not taken")
                continue
            }
            #expect(events.map(\.evidence.entry) == [nil])
        }
        let call = SESSample.event("Send", "", mail: SESSample.mail(tags: #"{"sluice-id":["\#(SESSample.message)"]}"#))
        #expect(try only(call).evidence.entry == EntryID.message(#require(MessageID(SESSample.message))))
    }

    @Test(
        "Types that are of no use here are named",
        arguments: [
            (SESSample.event("Subscription", #""subscription":{"contactList":"cl"}"#), "Subscription"),
            (SESSample.event("Received", #""receipt":{}"#, key: "notificationType"), "Received"),
            (SESSample.event("Teleported", ""), "Teleported"),
            (
                #"{"detail-type":"Sending Status Disabled","source":"aws.ses","detail":{"x":1}}"#,
                "Sending Status Disabled"
            ),
            (#"{"detail-type":"EC2 Instance","source":"aws.ec2","detail":\#(SESSample.send)}"#, "EC2 Instance"),
            (#"{"detail-type":"Sending Status Disabled","source":"aws.ses","detail":7}"#, "Sending Status Disabled"),
        ]
    )
    func unused(text: String, type: String) {
        guard case .unused(let found) = SESSample.read(text) else {
            Issue.record("\(SESSample.read(text))")
            return
        }
        #expect(found == type)
    }

    @Test("The notices that a topic is set up are recognised")
    func notices() {
        for text in [
            "Successfully validated SNS topic for Amazon SES event publishing.",
            #"{"notificationType":"AmazonSnsSubscriptionSucceeded","message":"You have successfully subscribed"}"#,
        ] {
            guard case .setupNotice = SESSample.read(text) else {
                Issue.record("\(text): \(SESSample.read(text))")
                continue
            }
        }
    }

    @Test(
        "What cannot be read says why",
        arguments: [
            ("", "not_json"), ("hello", "not_json"), (#"{"eventType":"Send""#, "not_json"), ("[1,2]", "malformed"),
            ("{}", "malformed"), (#"{"eventType":"Send"}"#, "malformed"),
            (#"{"eventType":"Send","mail":{}}"#, "malformed"),
            (#"{"eventType":"Send","mail":{"messageId":"a b"}}"#, "malformed"),
            (SESSample.event("Bounce", ""), "malformed"),
            (SESSample.event("Delivery", #""delivery":null"#), "malformed"),
            (#"{"eventType":"Send","mail":"# + String(repeating: "[", count: 100_000), "malformed"),
            (String(repeating: " ", count: (256 << 10) + 1), "too_large"),
            (SESSample.bounce(recipients: (0...1000).map { "r\($0)@x.example" }), "malformed"),
        ]
    )
    func unreadable(text: String, reason: String) {
        guard case .unreadable(let found, let detail) = SESSample.read(text) else {
            Issue.record("\(SESSample.read(text))")
            return
        }
        #expect(found == reason)
        #expect(!detail.isEmpty)
    }

    @Test("Odd members cost no event, and long ones no webhook")
    func oddMembers() throws {
        let odd =
            #""bounce":{"bounceType":7,"bounceSubType":{},"bouncedRecipients":[null,3,{"emailAddress":"r@x.example","status":[]}],"timestamp":{},"feedbackId":false}"#
        let event = try only(SESSample.event("Bounce", odd))
        #expect(event.evidence.recipient == "r@x.example")
        #expect(event.evidence.suppression == nil)
        #expect(event.evidence.at == Date(timeIntervalSince1970: 1_767_323_040))
        let nasty = String(repeating: #"\u0000\"\\\u0001ö"#, count: 20_000)
        let long = try only(SESSample.bounce(code: String(nasty.prefix(150_000).dropLast(150_000 % 17))))
        #expect(long.evidence.data.utf8.count < 6_000)
        #expect(try SESSample.data(long)["bounce"] != nil)
        #expect(!long.evidence.data.utf8.contains(0))
    }
}
