import AWS
import Directory
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import Feedback

/// Against a scripted SQS.
@Suite("Reading a queue")
struct QueueReaderTests {
    private struct Bench {
        let taker: TestTaker
        let records = TestRecords()
        let reader: QueueReader
        let server: LoopbackServer

        /// - Parameter replies: by the action's name, in order; the last repeats.
        init(
            _ replies: [String: [LoopbackReply]],
            taker: TestTaker = TestTaker(),
            isReady: @escaping @Sendable () async -> Bool = { true }
        ) throws {
            let left = Mutex(replies)
            server = try LoopbackServer { request in
                let action = request.header("x-amz-target")?.split(separator: ".").last.map(String.init) ?? ""
                return left.withLock { left in
                    guard let next = left[action]?.first else { return .status(200, "{}") }
                    if left[action]?.count ?? 0 > 1 { left[action]?.removeFirst() }
                    return next
                }
            }
            self.taker = taker
            let queue = try #require(QueueURL(server.url + "/123456789012/feedback"))
            reader = QueueReader(
                account: TestAccount.make(),
                client: SQSClient(
                    queue: queue,
                    aws: try AWSClient(
                        .sqs,
                        region: "eu-central-1",
                        endpoint: queue.endpoint,
                        credentials: nil,
                        client: TestHTTP.client,
                        logger: TestHTTP.quiet
                    )
                ),
                taker: taker,
                records: records,
                topics: { [TestEnvelope.topic] },
                isCurrent: { true },
                isReady: isReady,
                logger: TestHTTP.quiet
            )
        }

        func requests(_ action: String) -> [LoopbackRequest] {
            server.requests.filter { $0.header("x-amz-target") == "AmazonSQS.\(action)" }
        }
    }

    private static func messages(_ bodies: [String], receives: Int = 1) throws -> LoopbackReply {
        let messages = bodies.enumerated().map { index, body in
            [
                "MessageId": "m\(index)", "ReceiptHandle": "r\(index)", "Body": body,
                "Attributes": ["ApproximateReceiveCount": "\(receives)"],
            ] as [String: Any]
        }
        let data = try JSONSerialization.data(withJSONObject: ["Messages": messages])
        return .status(200, String(decoding: data, as: UTF8.self))
    }

    @Test("What is taken is deleted, what is kept too, what is busy comes back soon")
    func outcomes() async throws {
        let taker = TestTaker { notification in
            switch String(decoding: notification.message, as: UTF8.self) {
            case #"{"n":1}"#: .done
            case #"{"n":2}"#: .kept(reason: "not_json", detail: "d")
            case #"{"n":4}"#: .notOurs
            default: .busy
            }
        }
        let bench = try Bench(
            ["ReceiveMessage": [Self.messages([#"{"n":1}"#, #"{"n":2}"#, #"{"n":3}"#, #"{"n":4}"#], receives: 3)]],
            taker: taker
        )
        defer { bench.server.stop() }
        #expect(await bench.reader.round(wait: 7) == .took(4))
        let receive = try #require(bench.requests("ReceiveMessage").first)
        #expect(receive.header("content-type") == "application/x-amz-json-1.0")
        for part in [#""WaitTimeSeconds":7"#, #""VisibilityTimeout":60"#, #""MaxNumberOfMessages":10"#] {
            #expect(receive.text.contains(part))
        }
        let deleted = try #require(bench.requests("DeleteMessageBatch").first?.text)
        #expect(
            deleted.contains(#""r0""#) && deleted.contains(#""r1""#) && deleted.contains(#""r3""#)
                && !deleted.contains(#""r2""#)
        )
        let shown = try #require(bench.requests("ChangeMessageVisibilityBatch").first?.text)
        #expect(shown.contains(#""r2""#) && !shown.contains(#""r0""#) && shown.contains(#""VisibilityTimeout":8"#))
        #expect(bench.records.reasons == ["not_json"] && bench.records.isKnown == [true])
        #expect(bench.records.events == 1 && bench.records.notes == 3)
    }

    @Test("What could not be kept is not deleted")
    func notKept() async throws {
        let bench = try Bench(
            ["ReceiveMessage": [Self.messages(["x"])]],
            taker: TestTaker { _ in .kept(reason: "not_json", detail: "d") }
        )
        defer { bench.server.stop() }
        bench.records.setDown(true)
        #expect(await bench.reader.round(wait: 0) == .busy)
        #expect(bench.requests("DeleteMessageBatch").isEmpty)
        bench.records.setDown(false)
        #expect(await bench.reader.round(wait: 0) == .took(1))
        #expect(bench.requests("DeleteMessageBatch").count == 1)
    }

    @Test("Refusals, resets and nonsense are failures; nothing is none")
    func failures() async throws {
        let bench = try Bench([
            "ReceiveMessage": [
                .status(400, #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}"#), .status(503),
                .hangUp(afterBody: true), .status(200, "<html>"), .status(200, "{}"), .status(200, ""),
                .status(200, #"{"Messages":null}"#),
            ]
        ])
        defer { bench.server.stop() }
        var rounds: [QueueReader.Round] = []
        for _ in 0..<7 { rounds.append(await bench.reader.round(wait: 0)) }
        #expect(rounds == [.failed, .failed, .failed, .failed, .took(0), .took(0), .took(0)])
        #expect(SQSError(code: "QueueDoesNotExist", message: "no").description.contains("sqs_queue_url"))
        #expect(bench.taker.taken.isEmpty)
    }

    @Test("A deletion that fails leaves the message to come again, and is no failure to read")
    func notDeleted() async throws {
        let bench = try Bench([
            "ReceiveMessage": [Self.messages([#"{"n":1}"#])],
            "DeleteMessageBatch": [
                .status(500), .status(200, #"{"Failed":[{"Id":"0","Code":"ReceiptHandleIsInvalid"}]}"#),
            ],
        ])
        defer { bench.server.stop() }
        #expect(await bench.reader.round(wait: 0) == .took(1))
        #expect(await bench.reader.round(wait: 0) == .took(1))
        #expect(bench.taker.taken.count == 2)
    }

    @Test("A deep queue is read by four at once, an empty one by one")
    func helpers() async throws {
        let atOnce = Mutex((now: 0, most: 0))
        let total = Mutex(0)
        let full = try Self.messages((0..<10).map { #"{"n":\#($0)}"# })
        // Held until four batches are being handled; a reader alone would wait for ever.
        let taker = TestTaker { _ in
            atOnce.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
            for _ in 0..<3000 where atOnce.withLock({ $0.most }) < 40 { try? await Task.sleep(for: .milliseconds(10)) }
            atOnce.withLock { $0.now -= 1 }
            total.withLock { $0 += 1 }
            return .done
        }
        let bench = try Bench(["ReceiveMessage": [full]], taker: taker)
        defer { bench.server.stop() }
        await withTaskGroup { group in
            group.addTask { await bench.reader.run() }
            for _ in 0..<3000 where total.withLock({ $0 }) < 100 { try? await Task.sleep(for: .milliseconds(10)) }
            group.cancelAll()
        }
        #expect(atOnce.withLock { $0.most } == 40)
    }

    @Test("While nothing can be taken nothing is received: first the database is asked, then one message is tried")
    func outage() async throws {
        let asked = Mutex(0)
        let isUp = Mutex(false)
        let full = try Self.messages((0..<10).map { #"{"n":\#($0)}"# })
        let taker = TestTaker { _ in isUp.withLock { $0 } ? .done : .busy }
        let bench = try Bench(["ReceiveMessage": [full]], taker: taker) {
            let times = asked.withLock { asked in
                asked += 1
                return asked
            }
            if times == 3 { isUp.withLock { $0 = true } }
            return times >= 3
        }
        defer { bench.server.stop() }
        let most = { (request: LoopbackRequest) in
            request.text.split(separator: ",").contains { $0.hasSuffix(#""MaxNumberOfMessages":10"#) } ? 10 : 1
        }
        await withTaskGroup { group in
            group.addTask { await bench.reader.run() }
            for _ in 0..<3000 where !isUp.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(10)) }
            for _ in 0..<3000 {
                if bench.requests("ReceiveMessage").map(most).drop(while: { $0 == 10 }).contains(10) { break }
                try? await Task.sleep(for: .milliseconds(10))
            }
            group.cancelAll()
        }
        let sizes = bench.requests("ReceiveMessage").map(most)
        let before = sizes.prefix { $0 == 10 }.count
        #expect(before <= QueueReader.mostReaders, "each reader found out once")
        let probes = sizes.dropFirst(before).prefix { $0 == 1 }.count
        #expect((1...QueueReader.mostReaders).contains(probes), "each reader tries once")
        #expect(sizes.dropFirst(before + probes).first == 10)
    }

    @Test("At a graceful shutdown a wait ends at once")
    func shutdownWaiting() async throws {
        let bench = try Bench(["ReceiveMessage": [.silence]])
        defer { bench.server.stop() }
        let asked = Mutex<ContinuousClock.Instant?>(nil)
        try await Self.run(bench) {
            guard bench.requests("ReceiveMessage").count == 1 else { return false }
            asked.withLock { $0 = $0 ?? .now }
            return true
        }
        // Left alone it would end 30 s later, when SQS has not answered in its time.
        #expect(ContinuousClock.now - (asked.withLock { $0 } ?? .now) < .seconds(25))
        #expect(bench.requests("ReceiveMessage").allSatisfy { $0.header("authorization") != nil })
    }

    @Test("At a graceful shutdown what was received is finished and deleted")
    func shutdownHandling() async throws {
        let taker = TestTaker { _ in
            // Until the shutdown is felt here, too.
            await cancelWhenGracefulShutdown { try? await Task.sleep(for: .seconds(60)) }
            return .done
        }
        let bench = try Bench(
            ["ReceiveMessage": [Self.messages([#"{"n":1}"#, #"{"n":2}"#]), .silence]],
            taker: taker
        )
        defer { bench.server.stop() }
        try await Self.run(bench) { bench.taker.taken.count == 2 }
        let deleted = bench.requests("DeleteMessageBatch")
        #expect(deleted.count == 1 && deleted.first?.text.contains("r1") == true)
    }

    /// Runs a poller of the bench's queue as a service and shuts it down once the condition holds.
    private static func run(_ bench: Bench, until condition: () -> Bool) async throws {
        let queue = bench.server.url + "/123456789012/feedback"
        let poller = SQSPoller(
            directory: { TestAccount.directory(TestAccount.make(queue: queue)) },
            taker: bench.taker,
            records: bench.records,
            isReady: { true },
            http: TestHTTP.client,
            credentials: { _ in TestAccount.credentials },
            logger: TestHTTP.quiet
        )
        let group = ServiceGroup(services: [poller], logger: TestHTTP.quiet)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            for _ in 0..<3000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test("A failure is logged when it begins, once a minute, and when it is over")
    func streak() {
        let clock = Mutex(ContinuousClock.now)
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in LineLog(lines: { line in lines.withLock { $0.append(line) } }) }
        let streak = FailureStreak(account: "main", logger: logger, now: { clock.withLock { $0 } })
        for seconds in [0, 1, 58, 1, 30, 31] {
            clock.withLock { $0 += .seconds(seconds) }
            streak.failed("broken", error: "e")
        }
        streak.worked("well")
        streak.worked("well")
        streak.failed("broken", error: "e")
        #expect(lines.withLock { $0 } == ["broken 1", "broken 4", "broken 6", "well 6", "broken 1"])
    }
}
