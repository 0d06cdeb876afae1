import AWS
import Foundation
import Outbound
import Testing

@testable import Directory
@testable import Feedback

/// MiniStack knows configuration sets, their event destinations, topics, subscriptions and queues.
@Suite(
    "The doctor's look at MiniStack",
    .enabled(if: RefereeProcess.folder != nil, RefereeProcess.skipped),
    .serialized,
    RefereeTrait(program: .ministack)
)
struct DoctorRefereeTests {
    private let url = RefereeScope.url

    private func ses(_ path: String, _ body: String) async throws {
        let answer = try await TestHTTP.client.send(
            .init(
                method: .post,
                url: url + path,
                headers: [
                    "Content-Type": "application/json",
                    "Authorization":
                        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ses/aws4_request, SignedHeaders=host, Signature=0",
                ],
                body: Array(body.utf8)
            )
        )
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    @Test("What is there is found, and what is not is named")
    func look() async throws {
        let referee = try RefereeQueue(url)
        let topic = try await referee.topic("doctor")
        let queue = try await referee.queue("doctor")
        let account = TestAccount.make(
            endpoint: url,
            topics: [topic],
            queue: queue.text,
            configurationSet: "doctor",
            region: "us-east-1"
        )
        let doctor = try FeedbackDoctorTests.doctor(account, url)
        let before = await doctor.findings()
        #expect(before.first?.level == .problem, "\(before)")
        #expect(before.first?.detail.contains("create-configuration-set ") == true, "\(before)")
        #expect(before.contains { $0.detail.contains("nothing of \(topic) comes here") }, "\(before)")
        try await ses("/v2/email/configuration-sets", #"{"ConfigurationSetName":"doctor"}"#)
        let types = RoutingRule.needed.map { "\"\($0)\"" }.joined(separator: ",")
        try await ses(
            "/v2/email/configuration-sets/doctor/event-destinations",
            #"{"EventDestinationName":"d","EventDestination":{"Enabled":true,"MatchingEventTypes":[\#(types)],"SnsDestination":{"TopicArn":"\#(topic)"}}}"#
        )
        try await referee.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:000000000000:doctor")
        let after = await doctor.findings()
        #expect(!after.contains { $0.level == .problem }, "\(after)")
        #expect(after.contains { $0.detail == "exists; 0 messages wait" }, "\(after)")
        #expect(after.contains { $0.detail.hasPrefix("d: BOUNCE, COMPLAINT, DELIVERY") }, "\(after)")
    }
}

/// moto knows topics and queues, and no event destinations.
@Suite(
    "The doctor's look at moto",
    .enabled(if: RefereeProcess.folder != nil, RefereeProcess.skipped),
    .serialized,
    RefereeTrait(program: .moto)
)
struct DoctorMotoTests {
    @Test("A topic with its subscription, and one that is not there")
    func topics() async throws {
        let url = RefereeScope.url
        let referee = try RefereeQueue(url)
        let topic = try await referee.topic("doctor")
        try await referee.subscribe(topic, "http", "http://127.0.0.1:1/feedback/sns/main")
        let account = TestAccount.make(endpoint: url, topics: [topic, topic + "-2"], region: "us-east-1")
        let found = try await FeedbackDoctorTests.doctor(account, url).findings()
        #expect(
            found.contains { $0.level == .sound && $0.detail.hasSuffix("/feedback/sns/main is confirmed") },
            "\(found)"
        )
        #expect(found.contains { $0.level == .problem && $0.detail.contains("create-topic") }, "\(found)")
    }
}
