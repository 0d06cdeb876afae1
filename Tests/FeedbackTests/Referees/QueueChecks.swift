import AWS
import Foundation
import Synchronization
import Testing

@testable import Feedback

/// What must hold of a queue, whichever emulator has it.
enum QueueChecks {
    /// Twenty messages, one of them poison: each handed on, kept where it is poison, and gone afterwards.
    static func receiveAndDelete(_ url: String) async throws {
        let referee = try RefereeQueue(url)
        let queue = try await referee.queue("feedback")
        for number in 0..<19 { try await referee.send(queue, #"{"eventType":"Send","n":"\#(number) ü€😀"}"#) }
        try await referee.send(queue, "poison \"\\\n")
        let taker = TestTaker {
            $0.message.starts(with: "poison".utf8) ? .kept(reason: "not_json", detail: "d") : .done
        }
        let records = TestRecords()
        let reader = referee.reader(queue, taker: taker, records: records)
        for _ in 0..<100 where taker.taken.count < 20 { #expect(await reader.round(wait: 1) != .failed) }
        #expect(Set(taker.taken.map(\.id)).count == 20)
        #expect(Set(taker.taken.map { String(decoding: $0.message, as: UTF8.self) }).count == 20)
        #expect(taker.taken.contains { String(decoding: $0.message, as: UTF8.self).contains("ü€😀") })
        #expect(records.reasons == ["not_json"] && records.events == 19)
        #expect(try await referee.count(queue) == 0)
        #expect(await reader.round(wait: 0) == .took(0))
    }

    /// What is busy comes back after a few seconds, and is not lost.
    static func busyComesBack(_ url: String) async throws {
        let referee = try RefereeQueue(url)
        let queue = try await referee.queue("busy")
        try await referee.send(queue, #"{"n":1}"#)
        let isBusy = Mutex(true)
        let taker = TestTaker { _ in isBusy.withLock { $0 } ? .busy : .done }
        let reader = referee.reader(queue, taker: taker, records: TestRecords())
        #expect(await reader.round(wait: 1) == .busy)
        #expect(await reader.round(wait: 0) == .took(0), "it is hidden for two seconds")
        #expect(try await referee.count(queue) == 1)
        isBusy.withLock { $0 = false }
        // Far less than the 60 s for which it was hidden at first.
        var round = QueueReader.Round.took(0)
        let end = ContinuousClock.now + .seconds(30)
        while round == .took(0), ContinuousClock.now < end { round = await reader.round(wait: 1) }
        #expect(round == .took(1))
        #expect(taker.taken.count == 2 && Set(taker.taken.map(\.id)).count == 1)
        #expect(try await referee.count(queue) == 0)
    }

    /// A topic's notifications by a queue: the envelope is opened, and an unlisted topic's is kept.
    static func topicByQueue(_ url: String) async throws {
        let referee = try RefereeQueue(url)
        let queue = try await referee.queue("by-topic")
        let attributes = try await referee.client(queue).attributes(["QueueArn"])
        let arn = try #require(attributes["QueueArn"])
        let listed = try await referee.topic("listed")
        let other = try await referee.topic("other")
        for topic in [listed, other] { try await referee.subscribe(topic, "sqs", arn) }
        try await referee.publish(listed, #"{"eventType":"Delivery"}"# + "\n")
        try await referee.publish(other, #"{"eventType":"Bounce"}"#)
        let taker = TestTaker()
        let records = TestRecords()
        let reader = referee.reader(queue, topics: [listed], taker: taker, records: records)
        for _ in 0..<100 where taker.taken.isEmpty || records.kept.isEmpty {
            #expect(await reader.round(wait: 1) != .failed)
        }
        #expect(
            taker.taken.map { String(decoding: $0.message, as: UTF8.self) } == [#"{"eventType":"Delivery"}"# + "\n"]
        )
        #expect(taker.taken.map(\.source) == [queue.text])
        #expect(records.reasons == ["unlisted_topic"])
        #expect(try await referee.count(queue) == 0)
    }

    /// A queue that is not there.
    static func missing(_ url: String) async throws {
        let queue = try #require(QueueURL(url + "/000000000000/nothing"))
        let error = await #expect(throws: SQSError.self) {
            try await RefereeQueue(url).client(queue).receive(wait: 0, visibility: 1)
        }
        #expect(error?.isMissingQueue == true)
    }

    /// The service follows the directory: a queue that an account comes to name is read, until the shutdown.
    static func poller(_ url: String) async throws {
        let referee = try RefereeQueue(url)
        let queue = try await referee.queue("followed")
        for number in 0..<30 { try await referee.send(queue, #"{"n":\#(number)}"#) }
        let account = Mutex(TestAccount.make(region: "us-east-1"))
        let taker = TestTaker()
        let poller = SQSPoller(
            directory: { TestAccount.directory(account.withLock { $0 }) },
            taker: taker,
            records: TestRecords(),
            isReady: { true },
            http: TestHTTP.client,
            credentials: { _ in TestAccount.credentials },
            logger: TestHTTP.quiet
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await poller.run() }
            account.withLock { $0 = TestAccount.make(queue: queue.text, region: "us-east-1") }
            for _ in 0..<3000 where Set(taker.taken.map(\.id)).count < 30 {
                try await Task.sleep(for: .milliseconds(10))
            }
            group.cancelAll()
            try? await group.waitForAll()
        }
        #expect(Set(taker.taken.map(\.id)).count == 30)
    }
}
