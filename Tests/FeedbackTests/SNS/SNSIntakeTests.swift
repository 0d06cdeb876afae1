import Foundation
import Logging
import Synchronization
import Testing

@testable import Feedback

@Suite("What SNS posts")
struct SNSIntakeTests {
    @Test("A notification is handed on as SES wrote it, and acknowledged once it is durable")
    func notification() async throws {
        let bench = IntakeBench(
            taker: TestTaker { $0.message.starts(with: "{".utf8) ? .done : .notOurs }
        )
        #expect(await bench.post(TestEnvelope()) == .accepted)
        #expect(await bench.post(TestEnvelope(message: "Successfully validated SNS topic")) == .accepted)
        let taken = try #require(bench.taker.taken.first)
        #expect(taken.accountID == 7 && taken.source == TestEnvelope.topic)
        #expect(taken.id == "6d0bfe22-6ae0-5f3b-8f3c-9f0f8b1a2c3d")
        #expect(String(decoding: taken.message, as: UTF8.self) == #"{"eventType":"Send","mail":{}}"# + "\n")
        #expect(bench.records.notes == 2 && bench.records.events == 1, "what is not ours is no event")
        #expect(bench.records.kept.isEmpty)
    }

    @Test("What the taker answers decides; busy is never a refusal")
    func answers() async {
        let busy = IntakeBench(taker: TestTaker { _ in .busy })
        #expect(await busy.post(TestEnvelope()).isBusy)
        #expect(busy.records.notes == 0 && busy.records.kept.isEmpty)
        let kept = IntakeBench(taker: TestTaker { _ in .kept(reason: "unknown_type", detail: "d") })
        #expect(await kept.post(TestEnvelope()) == .accepted)
        #expect(kept.records.reasons == ["unknown_type"] && kept.records.isKnown == [true])
        #expect(kept.records.events == 0)
        kept.records.setDown(true)
        #expect(await kept.post(TestEnvelope()).isBusy, "what could not be kept comes again")
    }

    @Test("What can never be accepted is refused and kept, and is never handed on")
    func refusals() async throws {
        let bench = IntakeBench()
        let valid = TestEnvelope()
        let giant = Array(#"{"Type":""#.utf8) + [UInt8](repeating: 0x78, count: SNSIntake.longestBody)
        let deep = Array((String(repeating: "{\"a\":", count: 100_000)).utf8)
        let other = "arn:aws:sns:eu-central-1:123456789012:other"
        let old = TestEnvelope(at: Date().addingTimeInterval(-4000))
        let signed = valid.with("SigningCertURL", "https://evil.example/x.pem").signed(by: TestKeys.trusted)
        for (expected, reason, answer) in [
            ("400 not_an_envelope", "not_an_envelope", await bench.post(Array("{}".utf8))),
            ("400 not_an_envelope", "not_an_envelope", await bench.post(Array(#"{"eventType":"Send"}"#.utf8))),
            ("400 not_an_envelope", "not_an_envelope", await bench.post([])),
            ("400 not_an_envelope", "not_an_envelope", await bench.post([0xFF, 0xFE])),
            ("400 not_an_envelope", "not_an_envelope", await bench.post(deep)),
            ("413 too_large", "too_large", await bench.post(giant)),
            (
                "400 raw_delivery", "raw_delivery",
                await bench.post(signed.body, headers: [("X-Amz-SNS-RawDelivery", "true")])
            ),
            ("403 topic_not_allowed", "unlisted_topic", await bench.post(valid.with("TopicArn", other))),
            ("403 bad_signature", "bad_signature", await bench.post(signed.with("Message", "x").body)),
            ("403 bad_signature", "bad_signature", await bench.post(valid.with("SignatureVersion", "3"))),
            ("403 stale", "stale", await bench.post(old)),
            ("404 unknown_account", "unknown_account", await bench.post(signed.body, to: "nobody")),
        ] {
            #expect(answer.refusal == expected)
            #expect(bench.records.reasons.contains(reason))
        }
        #expect(bench.taker.taken.isEmpty)
        #expect(bench.records.kept.count == 12 && bench.records.isKnown.allSatisfy { !$0 })
        #expect(bench.records.kept.last?.accountID == nil)
        guard case .refused(_, _, let detail) = await bench.post([]) else { return }
        #expect(detail.contains("raw delivery"))
        bench.records.setDown(true)
        #expect(await bench.post([]).refusal == "400 not_an_envelope", "a refusal needs no database")
    }

    @Test(
        "A wrong clock of ours loses nothing: the database's decides, and while it cannot the sender is to come again"
    )
    func clocks() async {
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in LineLog(lines: { line in lines.withLock { $0.append(line) } }) }
        for seconds in [-400.0, -3000, 4000, 80_000] {
            let bench = IntakeBench(now: { Date().addingTimeInterval(seconds) }, logger: logger)
            for _ in 0..<3 { #expect(await bench.post(TestEnvelope()) == .accepted, "our clock is \(seconds) s off") }
            #expect(bench.taker.taken.count == 3 && bench.records.kept.isEmpty)
            let away = IntakeBench(now: { Date().addingTimeInterval(seconds) }, databaseNow: { nil })
            #expect(await away.post(TestEnvelope()).isBusy)
            #expect(away.records.kept.isEmpty)
        }
        #expect(lines.withLock { $0.count { $0.contains("clock is wrong") } } == 4, "once a minute at most")
        let late = IntakeBench(databaseNow: { Date().addingTimeInterval(-400) })
        #expect(await late.post(TestEnvelope()) == .accepted, "the database's is not asked without need")
        #expect(await late.post(TestEnvelope(at: Date().addingTimeInterval(400))).isBusy, "by both it is of the future")
        #expect(late.records.kept.isEmpty)
    }

    @Test("While the directory is not loaded, or the certificate not to be had, the sender is to come again")
    func transient() async {
        #expect(await IntakeBench(account: nil).post(TestEnvelope()).isBusy)
        let bench = IntakeBench(trusted: [])
        #expect(await bench.post(TestEnvelope()).isBusy)
        #expect(bench.records.kept.isEmpty)
    }

    @Test("A subscription to a listed topic is confirmed where the account's emulator says, and only there")
    func subscription() async throws {
        let server = try LoopbackServer { request in
            request.target.contains("fail") ? .status(500) : .status(200, "<ConfirmSubscriptionResponse/>")
        }
        defer { server.stop() }
        let bench = IntakeBench(account: TestAccount.make(endpoint: server.url + "/base"))
        let ask = TestEnvelope("SubscriptionConfirmation", message: "You have chosen")
        let here = ask.with("SubscribeURL", server.url + "/?Action=ConfirmSubscription&Token=abc")
        #expect(await bench.post(here) == .accepted)
        #expect(server.requests.map(\.target) == ["/?Action=ConfirmSubscription&Token=abc"])
        #expect(bench.records.confirmed == [TestEnvelope.topic])
        #expect(await bench.post(ask.with("SubscribeURL", server.url + "/fail")).isBusy)
        bench.records.setDown(true)
        #expect(await bench.post(here).isBusy, "it is confirmed again until that is recorded")
        bench.records.setDown(false)
        let count = server.requests.count
        for url in ["http://evil.example/", server.url + "0/", "https://sns.eu-west-1.amazonaws.com/?Action=x", "x"] {
            #expect(await bench.post(ask.with("SubscribeURL", url)).refusal == "403 bad_subscribe_url")
        }
        let unlisted = here.with("TopicArn", "arn:aws:sns:eu-central-1:123456789012:other")
        #expect(await bench.post(unlisted).refusal == "403 topic_not_allowed")
        #expect(
            await bench.post(here.signed(by: TestKeys.stranger).body).isBusy,
            "without the network nothing is known"
        )
        #expect(server.requests.count == count && bench.records.confirmed.count == 1)
        #expect(bench.taker.taken.isEmpty)
        let plain = IntakeBench()
        #expect(await plain.post(here).refusal == "403 bad_subscribe_url", "without an emulator only SNS's own host")
    }

    @Test("The end of a subscription is recorded, and nothing is asked for")
    func unsubscription() async throws {
        let server = try LoopbackServer(replies: [.status(200)])
        defer { server.stop() }
        let bench = IntakeBench(account: TestAccount.make(endpoint: server.url))
        let end = TestEnvelope("UnsubscribeConfirmation", message: "m").with("SubscribeURL", server.url + "/?x")
        #expect(await bench.post(end) == .accepted)
        #expect(bench.records.ended == [TestEnvelope.topic] && server.requests.isEmpty)
        bench.records.setDown(true)
        #expect(await bench.post(end).isBusy)
    }

    @Test("256 are handled at once; the next is to come again, and all is well afterwards", .timeLimit(.minutes(5)))
    func overload() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let open = Mutex(false)
        let taker = TestTaker { _ in
            if open.withLock({ $0 }) { return .done }
            for await _ in gate.stream { break }
            return .done
        }
        let bench = IntakeBench(taker: taker)
        let body = TestEnvelope().signed(by: TestKeys.trusted).body
        try await withThrowingTaskGroup(of: IntakeAnswer.self) { group in
            for _ in 0..<SNSIntake.mostAtOnce { group.addTask { await bench.post(body) } }
            for _ in 0..<6000 where bench.taker.taken.count < SNSIntake.mostAtOnce {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(await bench.post(body).isBusy)
            open.withLock { $0 = true }
            gate.continuation.finish()
            for try await answer in group { #expect(answer == .accepted) }
        }
        #expect(await bench.post(body) == .accepted)
    }
}
