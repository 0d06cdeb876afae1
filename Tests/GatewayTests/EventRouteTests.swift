import Foundation
import Testing

@testable import Gateway

/// The feed, and requests that wait for it.
@Suite(.timeLimit(.minutes(5))) struct EventRouteTests {
    private static func seqs(_ answer: TestAnswer) -> [Int] {
        (answer.json["data"] as? [[String: Any]] ?? []).compactMap { $0["seq"] as? Int }
    }

    /// Waits until so many requests hang.
    private static func waiting(_ count: Int, _ gateway: TestGateway) async throws {
        while gateway.watch.waiting != count { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func comesFromAPlaceOn() async throws {
        try await TestGateway.run { gateway in
            for type in ["email.queued", "email.sent", "email.delivered"] { gateway.feed.publish(type) }
            gateway.feed.publish("email.bounced", tenantID: 2)
            let all = try await gateway.request("GET", "/events")
            #expect(all.status == 200)
            #expect(Self.seqs(all) == [1, 2, 3] && all.json["next"] as? Int == 3)
            let one = try await gateway.request("GET", "/events?after=1&limit=1")
            #expect(
                one.body
                    == #"{"data":[{"seq":2,"id":"event-2","type":"email.sent","timestamp":"2026-02-03T04:05:06.789Z","#
                    + #""data":{"message_id": "m"}}],"next":2}"#
            )
            for after in ["3", "4", "9007199254740992"] {
                let end = try await gateway.request("GET", "/events?after=\(after)")
                #expect(end.status == 200 && end.body == #"{"data":[],"next":\#(after)}"#)
            }
            let other = try await gateway.request("GET", "/events", key: TestDirectory.omvKey)
            #expect(Self.seqs(other) == [1] && other.body.contains("email.bounced"))
        }
    }

    @Test func aPlaceBehindWhichEventsWereDroppedIsRefused() async throws {
        try await TestGateway.run { gateway in
            gateway.feed.forget(upTo: 7)
            gateway.feed.publish("email.sent")
            gateway.feed.keep(from: 8)
            let lost = try await gateway.request("GET", "/events?after=6")
            #expect(lost.status == 410 && lost.json["code"] as? String == "events_dropped")
            #expect((lost.json["detail"] as? String)?.contains("after=7") == true)
            // From the beginning of what is kept, and from the place that the refusal names.
            for after in [0, 7] {
                #expect(Self.seqs(try await gateway.request("GET", "/events?after=\(after)")) == [8])
            }
        }
    }

    @Test(arguments: [
        "after=-1", "after=x", "after=9007199254740993", "after=9223372036854775808", "wait=31", "wait=-1", "wait=",
        "limit=0", "limit=101",
        "before=1", "After=1", "after=1&after=2",
    ])
    func refusesWhatItDoesNotKnow(_ query: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/events?\(query)")
            #expect(answer.status == 422 && answer.code == "invalid_query")
        }
    }

    @Test func stepsOverWhatRetentionHasDropped() async throws {
        try await TestGateway.run { gateway in
            gateway.feed.forget(upTo: 250)
            gateway.feed.publish()
            let page = try await gateway.request("GET", "/events?limit=100")
            #expect(Self.seqs(page) == [251])
            gateway.feed.forget(upTo: 1_000_000)
            let far = try await gateway.request("GET", "/events?after=251&limit=100")
            #expect(far.body == #"{"data":[],"next":2251}"#, "the next request goes on from there")
        }
    }

    @Test func waitsUntilThereIsSomething() async throws {
        try await TestGateway.run { gateway in
            gateway.feed.publish()
            try await withThrowingTaskGroup(of: TestAnswer.self) { tasks in
                for _ in 0..<3 { tasks.addTask { try await gateway.request("GET", "/events?after=1&wait=30") } }
                tasks.addTask { try await gateway.request("GET", "/events?wait=30", key: TestDirectory.omvKey) }
                try await Self.waiting(4, gateway)
                gateway.feed.publish("email.bounced", tenantID: 2)
                let first = try #require(try await tasks.next())
                #expect(first.body.contains("email.bounced"), "the others' feed has nothing new")
                gateway.feed.publish("email.delivered")
                for try await answer in tasks {
                    #expect(answer.status == 200 && Self.seqs(answer) == [2])
                    #expect(answer.json["next"] as? Int == 2)
                }
            }
            let looks = gateway.feed.looks
            try await Task.sleep(for: .milliseconds(300))
            // One look may have begun before the last of them left.
            #expect(gateway.feed.looks <= looks + 1, "nobody waits, so nobody looks")
            #expect(gateway.feed.asked.contains { Set($0) == [1, 2] }, "one statement for all tenants")
        }
    }

    @Test func answersEmptyAfterItsTime() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/events?after=7&wait=1")
            #expect(answer.status == 200 && answer.body == #"{"data":[],"next":7}"#)
            #expect(gateway.watch.waiting == 0)
        }
    }

    @Test func outlivesAnOutageOfTheDatabase() async throws {
        struct Outage: Error {}
        try await TestGateway.run { gateway in
            try await withThrowingTaskGroup(of: TestAnswer.self) { tasks in
                tasks.addTask { try await gateway.request("GET", "/events?wait=30") }
                try await Self.waiting(1, gateway)
                gateway.feed.fail(Outage())
                let looks = gateway.feed.looks
                while gateway.feed.looks < looks + 2 { try await Task.sleep(for: .milliseconds(5)) }
                gateway.feed.fail(nil)
                gateway.feed.publish()
                let answer = try #require(try await tasks.next())
                #expect(Self.seqs(answer) == [1])
            }
        }
    }

    @Test func endsWhenTheNodeStops() async throws {
        try await TestGateway.run { gateway in
            try await withThrowingTaskGroup(of: TestAnswer.self) { tasks in
                for _ in 0..<3 { tasks.addTask { try await gateway.request("GET", "/events?after=4&wait=30") } }
                try await Self.waiting(3, gateway)
                let clock = ContinuousClock()
                let start = clock.now
                await gateway.shutdown()
                for try await answer in tasks {
                    #expect(answer.status == 200 && answer.body == #"{"data":[],"next":4}"#)
                    #expect(answer.headers["connection"] == "close")
                }
                #expect(start.duration(to: clock.now) < .seconds(20), "it does not wait for the 30 s")
            }
        }
    }

    @Test func leavesWithItsClient() async throws {
        try await TestGateway.run { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                try await connection.write(
                    "GET /events?wait=30 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestDirectory.apaKey)\r\n\r\n"
                        .utf8
                )
                try await Self.waiting(1, gateway)
            }
            try await Self.waiting(0, gateway)
        }
    }

    @Test func closesItsConnectionAndSaysSo() async throws {
        try await TestGateway.run { gateway in
            try await TestConnection.with(port: gateway.port) { connection in
                let head = "HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestDirectory.apaKey)\r\n\r\n"
                try await connection.write("GET /events \(head)".utf8)
                let plain = try await connection.answer()
                #expect(plain.status == 200 && plain.headers["connection"] == nil)
                try await connection.write("GET /events?wait=30 \(head)".utf8)
                try await Self.waiting(1, gateway)
                gateway.feed.publish()
                let answer = try await connection.answer()
                #expect(Self.seqs(answer) == [1] && answer.headers["connection"] == "close")
                #expect(await connection.isGone())
            }
        }
    }

    @Test func isBoundedForATenantAndInAll() async throws {
        var limits = FeedWatch.Limits()
        limits.perTenant = 2
        limits.total = 3
        try await TestGateway.run(limits: limits) { gateway in
            try await withThrowingTaskGroup(of: TestAnswer.self) { tasks in
                for _ in 0..<2 { tasks.addTask { try await gateway.request("GET", "/events?wait=30") } }
                try await Self.waiting(2, gateway)
                let third = try await gateway.request("GET", "/events?wait=30")
                #expect(third.status == 429 && third.code == "rate_limited")
                #expect(third.headers["retry-after"] == "5")
                tasks.addTask { try await gateway.request("GET", "/events?wait=30", key: TestDirectory.omvKey) }
                try await Self.waiting(3, gateway)
                let full = try await gateway.request("GET", "/events?wait=30", key: TestDirectory.pausedKey)
                #expect(full.status == 503 && full.code == "overloaded")
                #expect(full.headers["retry-after"] == "5")
                #expect(try await gateway.request("GET", "/events").status == 200, "without a wait it costs nothing")
                await gateway.shutdown()
                for try await answer in tasks { #expect(answer.status == 200) }
            }
        }
    }
}
