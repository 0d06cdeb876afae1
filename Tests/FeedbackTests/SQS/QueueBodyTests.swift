import Foundation
import Testing

@testable import Feedback

@Suite("What a queue's message holds")
struct QueueBodyTests {
    private func read(_ body: [UInt8], topics: [String] = []) -> QueueBody.Content {
        QueueBody.read(
            QueueMessage(id: "sqs-1", receipt: "r", body: body, receives: 1),
            queue: "https://q/1",
            accountID: 7,
            topics: topics,
            receivedAt: Date()
        )
    }

    private func notification(_ content: QueueBody.Content) -> String {
        switch content {
        case .notification(let it): "\(it.source) \(it.id) \(String(decoding: it.message, as: UTF8.self))"
        case .unfit(let reason, _): reason
        }
    }

    @Test("SES's JSON, EventBridge's envelope and a notice are handed on as they are")
    func plain() {
        let bridge =
            #"{"version":"0","id":"eb-1","detail-type":"Email Sent","source":"aws.ses","detail":{"eventType":"Send"}}"#
        for (body, id) in [
            (#"{"eventType":"Send","mail":{}}"#, "sqs-1"), (bridge, "eb-1"),
            ("Successfully validated SNS topic", "sqs-1"),
            ("{broken", "sqs-1"), ("", "sqs-1"),
        ] {
            #expect(notification(read(Array(body.utf8))) == "https://q/1 \(id) \(body)")
        }
    }

    @Test("SNS's envelope needs no signature, but a listed topic where topics are listed")
    func envelope() {
        let envelope = TestEnvelope(message: "m").with("SigningCertURL", nil)
        let expected = "https://q/1 6d0bfe22-6ae0-5f3b-8f3c-9f0f8b1a2c3d m"
        #expect(notification(read(envelope.body)) == expected)
        #expect(notification(read(envelope.body, topics: [TestEnvelope.topic])) == expected)
        #expect(notification(read(envelope.body, topics: ["other"])) == "unlisted_topic")
        #expect(notification(read(TestEnvelope("SubscriptionConfirmation").body)) == "subscription_unconfirmed")
        #expect(notification(read(TestEnvelope("UnsubscribeConfirmation").body)) == "subscription_ended")
        #expect(notification(read(envelope.with("MessageId", nil).body)) == "bad_envelope")
    }

    @Test("A queue's URL says where SQS is")
    func url() {
        for (text, endpoint, region) in [
            (
                "https://sqs.eu-central-1.amazonaws.com/123456789012/q", "https://sqs.eu-central-1.amazonaws.com",
                "eu-central-1"
            ),
            ("https://sqs.cn-north-1.amazonaws.com.cn/1/q", "https://sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("https://sqs-fips.us-east-1.amazonaws.com/1/q", "https://sqs-fips.us-east-1.amazonaws.com", "us-east-1"),
            ("https://queue.amazonaws.com/1/q", "https://queue.amazonaws.com", nil),
            ("http://127.0.0.1:4566/000000000000/q", "http://127.0.0.1:4566", nil),
        ] {
            let queue = QueueURL(text)
            #expect(queue?.endpoint == endpoint && queue?.region == region && queue?.text == text)
        }
        for text in ["", "q", "ftp://h/q", "https://h", "https://h/", "https:///q", "https://u@h/q", "https://h/q r"] {
            #expect(QueueURL(text) == nil, "\(text)")
        }
    }

    @Test("Pauses grow to 30 s and begin again; a message comes back later each time, a minute at most")
    func pauses() {
        var pause = PollPause()
        var waits: [Duration] = []
        for _ in 0..<8 { waits.append(pause.next(jitter: 1)) }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        let half = pause.next(jitter: 0)
        #expect(half == .seconds(15))
        pause.reset()
        let again = pause.next(jitter: 1)
        #expect(again == .seconds(1))
        #expect([-1, 1, 2, 3, 4, 5, 6, 7, 1000].map(PollPause.visibility) == [2, 2, 4, 8, 16, 32, 60, 60, 60])
    }
}
