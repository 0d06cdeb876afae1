import Foundation
import Testing

@testable import Feedback

@Suite("SNS's envelope")
struct SNSEnvelopeTests {
    @Test("What is signed, in the order of the names' bytes")
    func signedText() throws {
        let text = try String(
            decoding: TestEnvelope(at: Date(timeIntervalSince1970: 1)).envelope.signedText,
            as: UTF8.self
        )
        #expect(
            text == """
                Message
                {"eventType":"Send","mail":{}}

                MessageId
                6d0bfe22-6ae0-5f3b-8f3c-9f0f8b1a2c3d
                Subject
                Amazon SES Email Event Notification
                Timestamp
                1970-01-01T00:00:01.000Z
                TopicArn
                arn:aws:sns:eu-central-1:123456789012:ses-events
                Type
                Notification

                """
        )
        let withoutSubject = try TestEnvelope(subject: nil).envelope.signedText
        #expect(!String(decoding: withoutSubject, as: UTF8.self).contains("Subject"))
        for type in ["SubscriptionConfirmation", "UnsubscribeConfirmation"] {
            let lines = try String(decoding: TestEnvelope(type, message: "m").envelope.signedText, as: UTF8.self)
                .split(separator: "\n")
            #expect(
                stride(from: 0, to: lines.count, by: 2).map { lines[$0] } == [
                    "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
                ]
            )
        }
    }

    @Test("Unknown members may be anything, null is as good as missing")
    func unknown() throws {
        let body =
            #"{"Type":"Notification","MessageId":"m","TopicArn":"t","Message":"","Subject":null,"Timestamp":"x","#
            + #""MessageAttributes":{"a":{"Type":"String","Value":"v"}},"New":[1,2],"New":3}"#
        let envelope = try SNSEnvelope(Array(body.utf8))
        #expect(envelope.subject == nil && envelope.message.isEmpty && envelope.sentAt == nil)
        #expect(!String(decoding: envelope.signedText, as: UTF8.self).contains("Subject"))
    }

    @Test(
        "A signed member that comes twice, is no text or too long, or is missing makes it none",
        arguments: [
            (#""Message":"x","#, "Message is given twice"),
            (#""Signature":"x","Signature":"y","#, "Signature is given twice"),
            (#""Subject":1,"#, "Subject is not a text"),
            (#""Subject":"\#(String(repeating: "x", count: 1025))","#, "longer"),
        ]
    )
    func faults(extra: String, detail: String) {
        let body = "{" + extra + #""Type":"Notification","MessageId":"m","TopicArn":"t","Message":"x","Timestamp":"x"}"#
        let fault = #expect(throws: SNSEnvelope.Fault.self) { try SNSEnvelope(Array(body.utf8)) }
        #expect(fault?.detail.contains(detail) == true)
    }

    @Test("Each member that is needed is missed", arguments: ["Type", "MessageId", "TopicArn", "Message", "Timestamp"])
    func missing(name: String) {
        #expect(throws: SNSEnvelope.Fault.self) { try TestEnvelope().with(name, nil).envelope }
        for name in ["Token", "SubscribeURL"] {
            #expect(throws: SNSEnvelope.Fault.self) {
                try TestEnvelope("SubscriptionConfirmation").with(name, nil).envelope
            }
        }
    }

    @Test("Old, ahead, at the bounds")
    func age() throws {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        func word(_ type: String, _ seconds: Double) throws -> String {
            let sent = TestEnvelope(type, at: now.addingTimeInterval(seconds))
            return try String("\(EnvelopeAge(of: sent.envelope, now: now))".prefix { $0 != "(" })
        }
        for (type, seconds, expected) in [
            ("Notification", 0.0, "current"), ("Notification", -3899, "current"), ("Notification", -3902, "stale"),
            ("Notification", 299, "current"), ("Notification", 302, "doubtful"),
            ("UnsubscribeConfirmation", -3902, "stale"), ("SubscriptionConfirmation", -172_800, "current"),
            ("SubscriptionConfirmation", -173_200, "stale"),
        ] {
            #expect(try word(type, seconds) == expected, "\(type) \(seconds)")
        }
        for text in ["", "yesterday", "2027-01-15T08:00:00", "2027-01-15T08:00:00+01:00", "99999-01-01T00:00:00Z"] {
            let envelope = try TestEnvelope().with("Timestamp", text.isEmpty ? "-" : text).envelope
            #expect(EnvelopeAge(of: envelope, now: now) != .current)
        }
        #expect(try TestEnvelope().with("Timestamp", "2027-01-15T08:00:00Z").envelope.sentAt == now)
    }
}
