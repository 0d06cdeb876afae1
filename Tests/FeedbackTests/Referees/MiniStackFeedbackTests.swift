import Foundation
import Testing

@testable import Feedback

/// MiniStack asks to confirm a subscription as SNS does (but signs "FAKE"), and has SQS.
@Suite(
    "Feedback from MiniStack",
    .enabled(if: RefereeProcess.folder != nil, RefereeProcess.skipped),
    .serialized,
    RefereeTrait(program: .ministack)
)
struct MiniStackFeedbackTests {
    private let url = RefereeScope.url

    @Test("Its subscription is confirmed by its SubscribeURL, and then notifications come")
    func handshake() async throws {
        let referee = try RefereeQueue(url)
        let server = try LoopbackServer(replies: [.status(200)])
        defer { server.stop() }
        let topic = try await referee.topic("events")
        try await referee.subscribe(topic, "http", server.url + "/feedback/sns/main")
        try await wait { server.requests.count >= 1 }
        let ask = try #require(server.requests.first)
        #expect(ask.header("x-amz-sns-message-type") == "SubscriptionConfirmation")
        let bench = IntakeBench(account: TestAccount.make(endpoint: url, topics: [topic]))
        #expect(try await bench.post(resigned(ask, as: ask.body)) == .accepted)
        #expect(bench.records.confirmed == [topic])
        try await referee.publish(topic, #"{"eventType":"Bounce"}"#)
        try await wait { server.requests.count >= 2 }
        let notification = try #require(server.requests.last)
        #expect(notification.header("x-amz-sns-message-type") == "Notification")
        #expect(try await bench.post(resigned(notification, as: notification.body)) == .accepted)
        #expect(bench.taker.taken.map { String(decoding: $0.message, as: UTF8.self) } == [#"{"eventType":"Bounce"}"#])
        // Neither is SNS's as it stands.
        for request in [ask, notification] { #expect(await bench.post(request.body) != .accepted) }
        #expect(bench.taker.taken.count == 1 && bench.records.confirmed.count == 1)
    }

    /// The envelope with a signature that is one.
    private func resigned(_ request: LoopbackRequest, as body: [UInt8]) throws -> [UInt8] {
        let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        var envelope = TestEnvelope()
        envelope.members = try #require(object).compactMapValues { $0 as? String }
        envelope.members["SignatureVersion"] = "2"
        return envelope.signed(by: TestKeys.trusted).body
    }

    private func wait(_ condition: () -> Bool) async throws {
        for _ in 0..<1000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
        try #require(condition())
    }

    @Test("Receive, delete, poison") func queue() async throws { try await QueueChecks.receiveAndDelete(url) }
    @Test("Busy comes back") func busy() async throws { try await QueueChecks.busyComesBack(url) }
    @Test("A topic by a queue") func topicByQueue() async throws { try await QueueChecks.topicByQueue(url) }
    @Test("No queue") func missing() async throws { try await QueueChecks.missing(url) }
    @Test("The poller follows the directory") func poller() async throws { try await QueueChecks.poller(url) }
}
