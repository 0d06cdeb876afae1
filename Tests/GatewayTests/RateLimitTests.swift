import Directory
import Foundation
import Gateway
import Mail
import Testing

@testable import Outbox

/// Rates, queues and days of tenants, as they are answered for.
@Suite(.timeLimit(.minutes(5))) struct RateLimitTests {
    private static func state(_ answer: TestAnswer) throws -> (remaining: Int, reset: Int) {
        let text = try #require(answer.headers["ratelimit"])
        let match = try #require(text.wholeMatch(of: #/"default";r=(\d+);t=(\d+)/#))
        return (try #require(Int(match.output.1)), try #require(Int(match.output.2)))
    }

    @Test func everyTenantCallSaysHowItStands() async throws {
        try await TestGateway.run { gateway in
            gateway.directory.limit(TenantLimits(apiRate: 100))
            let answers = [
                try await gateway.send(SendTests.good), try await gateway.send("{}"), try await gateway.send("{"),
                try await gateway.request("GET", "/messages/x"), try await gateway.request("GET", "/suppressions"),
                try await gateway.request("GET", "/events"), try await gateway.request("GET", "/webhooks?limit=0"),
            ]
            #expect(answers.map(\.status) == [202, 422, 400, 404, 200, 200, 422])
            for answer in answers {
                #expect(answer.headers["ratelimit-policy"] == #""default";q=100;w=1"#)
                let (remaining, reset) = try Self.state(answer)
                #expect((90..<100).contains(remaining) && reset == 1)
            }
            // Nobody's rate, and none that is limited.
            for path in ["/send", "/livez", "/nothing"] {
                let answer = try await gateway.request("GET", path, key: nil)
                #expect(answer.headers["ratelimit"] == nil && answer.headers["ratelimit-policy"] == nil)
            }
        }
    }

    @Test func whoHasNoRateHasTheNodes() async throws {
        try await TestGateway.run(configure: { $0.standardAPIRate = 5 }) { gateway in
            let answer = try await gateway.request("GET", "/suppressions")
            #expect(answer.headers["ratelimit-policy"] == #""default";q=5;w=1"#)
        }
    }

    @Test func refusesWhatIsTooMuch() async throws {
        try await TestGateway.run { gateway in
            gateway.directory.limit(TenantLimits(apiRate: 2))
            // In the minute that the test may take, no more than 122 pass.
            var refused: TestAnswer?
            for _ in 0..<400 {
                let answer = try await gateway.send(SendTests.good)
                if answer.status == 202 { continue }
                refused = answer
                break
            }
            let answer = try #require(refused)
            #expect(answer.status == 429)
            #expect(answer.code == "rate_limited")
            #expect(answer.headers["retry-after"] == "1")
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(answer.headers["ratelimit-policy"] == #""default";q=2;w=1"#)
            #expect(try Self.state(answer).remaining == 0)
            #expect((answer.json["detail"] as? String)?.contains("limits.api_rate") == true)
            // A stranger is told nothing of it, and is served.
            let other = try await gateway.request("GET", "/suppressions", key: TestDirectory.omvKey)
            #expect(other.status == 200)
            #expect(try Self.state(other).remaining >= 19_000)
        }
    }

    @Test func slowRequestsOfOneTenantDoNotTakeAllPlaces() async throws {
        try await TestGateway.run(configure: { $0.maximumTenantRequests = 1 }) { gateway in
            let (gate, opener) = AsyncStream<Void>.makeStream()
            gateway.store.set { $0.gate = gate }
            try await withThrowingTaskGroup(of: Int.self) { tasks in
                tasks.addTask { try await gateway.send(SendTests.good).status }
                _ = await gateway.store.commits.first { _ in true }
                let second = try await gateway.request("GET", "/suppressions")
                #expect(second.status == 429 && second.code == "rate_limited")
                #expect(second.headers["retry-after"] == "1")
                let other = try await gateway.request("GET", "/suppressions", key: TestDirectory.omvKey)
                #expect(other.status == 200)
                opener.yield()
                for try await status in tasks { #expect(status == 202) }
            }
            #expect(try await gateway.request("GET", "/suppressions").status == 200)
        }
    }

    @Test(arguments: [
        (LimitRefusal(limit: .queued, most: 10, retryAfter: 5), "queue_full", "limits.queued"),
        (LimitRefusal(limit: .daily, most: 10, retryAfter: 3600), "daily_limit", "limits.daily"),
    ])
    func namesTheLimit(refusal: LimitRefusal, code: String, name: String) async throws {
        try await TestGateway.run { gateway in
            gateway.store.set { $0.refusal = AcceptError(refusal) }
            let answer = try await gateway.send(SendTests.good)
            #expect(answer.status == 429)
            #expect(answer.code == code)
            #expect(answer.headers["retry-after"] == "\(refusal.retryAfter)")
            #expect((answer.json["detail"] as? String)?.contains(name) == true)
        }
    }

    @Test func judgesTheMessagesOfABatchOneByOne() async throws {
        try await TestGateway.run { gateway in
            gateway.store.set { $0.overLimit["2"] = LimitRefusal(limit: .daily, most: 1, retryAfter: 60) }
            let answer = try await gateway.batch([BatchRouteTests.item("1"), BatchRouteTests.item("2")])
            #expect(answer.status == 202)
            let data = try #require(answer.json["data"] as? [[String: Any]])
            #expect(data[0]["status"] as? String == "queued")
            let error = try #require(data[1]["error"] as? [String: Any])
            #expect(error["code"] as? String == "daily_limit")
            #expect(error["status"] as? Int == 429)
        }
    }
}
