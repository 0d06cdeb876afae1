import Foundation
import Gateway
import Logging
import Synchronization
import Telemetry
import Testing

/// The way in for SNS: what gets through, and what is answered to the rest.
@Suite(.timeLimit(.minutes(5))) struct FeedbackRouteTests {
    private final class Taken: Sendable {
        let all = Mutex<[FeedbackDelivery]>([])
        var last: FeedbackDelivery? { all.withLock { $0.last } }
        var count: Int { all.withLock { $0.count } }
    }

    private static func handling(_ taken: Taken, _ answer: FeedbackAnswer) -> FeedbackHandling {
        { delivery in
            taken.all.withLock { $0.append(delivery) }
            return answer
        }
    }

    private static let text = ["Content-Type": "text/plain; charset=UTF-8"]

    @Test func handsOverWhatCame() async throws {
        let taken = Taken()
        try await TestGateway.run(feedback: Self.handling(taken, .accepted)) { gateway in
            let headers = Self.text.merging(["x-amz-sns-message-type": "Notification", "X-Amz-Sns-Rawdelivery": "true"])
            {
                $1
            }
            let answer = try await gateway.request(
                "POST",
                "/feedback/sns/ma%69n",
                key: nil,
                headers: headers,
                body: "not JSON at all"
            )
            #expect(answer.status == 200)
            let delivery = try #require(taken.last)
            #expect(delivery.account == "main")
            #expect(String(decoding: delivery.body, as: UTF8.self) == "not JSON at all")
            #expect(delivery.headers["x-amz-sns-message-type"] == "Notification")
            #expect(delivery.headers["x-amz-sns-rawdelivery"] == "true")
            for type in ["application/json", "TEXT/PLAIN", nil] {
                let headers = type.map { ["Content-Type": $0] } ?? [:]
                let answer = try await gateway.request("POST", "/feedback/sns/main", headers: headers, body: "{}")
                #expect(answer.status == 200)
            }
            #expect(try await gateway.request("POST", "/feedback/sns/main", key: nil).status == 200)
            #expect(taken.last?.body == [])
            let form = try await gateway.request(
                "POST",
                "/feedback/sns/main",
                headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: "a=b"
            )
            #expect(form.status == 415)
            #expect(taken.count == 5)
        }
    }

    @Test(arguments: [(400, "malformed"), (403, "topic_not_allowed"), (404, "not_found"), (413, "too_large")])
    func refusesForGood(_ status: Int, _ code: String) async throws {
        let refusal = FeedbackAnswer.refused(status: status, code: code, detail: "because")
        try await TestGateway.run(feedback: Self.handling(Taken(), refusal)) { gateway in
            let answer = try await gateway.request("POST", "/feedback/sns/main", headers: Self.text, body: "{}")
            #expect(answer.status == status && answer.code == code)
            #expect(answer.json["detail"] as? String == "because")
            #expect(answer.headers["content-type"] == "application/problem+json")
        }
    }

    @Test func asksForItAgain() async throws {
        try await TestGateway.run(feedback: Self.handling(Taken(), .busy(retryAfter: 7))) { gateway in
            let answer = try await gateway.request("POST", "/feedback/sns/main", headers: Self.text, body: "{}")
            #expect(answer.status == 503 && answer.code == "overloaded")
            #expect(answer.headers["retry-after"] == "7")
        }
    }

    @Test func bodiesAreBounded() async throws {
        let taken = Taken()
        try await TestGateway.run(feedback: Self.handling(taken, .accepted)) { gateway in
            let most = String(repeating: "x", count: 512 << 10)
            #expect(
                try await gateway.request("POST", "/feedback/sns/main", headers: Self.text, body: most).status == 200
            )
            let more = try await gateway.request("POST", "/feedback/sns/main", headers: Self.text, body: most + "x")
            #expect(more.status == 413 && more.code == "too_large")
            let chunk = String(repeating: "y", count: 128 << 10)
            let chunked =
                "POST /feedback/sns/main HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + String(repeating: "20000\r\n\(chunk)\r\n", count: 5)
            #expect(try await gateway.exchange(Array(chunked.utf8)).status == 413)
            #expect(taken.count == 1)
        }
    }

    /// SNS would give up on 429 and 408.
    @Test func whateverMayPassIs503() async throws {
        let taken = Taken()
        let handling = Self.handling(taken, .accepted)
        try await TestGateway.run(feedback: handling, configure: { $0.maximumBodyBytesAtOnce = 10 }) { gateway in
            let full = try await gateway.request("POST", "/feedback/sns/main", headers: Self.text, body: "12345678901")
            #expect(full.status == 503 && full.code == "overloaded" && full.headers["retry-after"] != nil)
            let cut = "POST /feedback/sns/main HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123"
            let answer = try? await gateway.exchange(Array(cut.utf8), half: true)
            // A client that is half gone may get no answer at all.
            #expect(answer == nil || answer?.status == 503)
        }
        try await TestGateway.run(feedback: handling, configure: { $0.bodyTimeout = .zero }) { gateway in
            let late = try await gateway.request("POST", "/feedback/sns/main", headers: Self.text, body: "1")
            #expect(late.status == 503 && late.code == "overloaded")
        }
        #expect(taken.count == 0)
    }

    @Test func takesNothingWhileTheNodeStops() async throws {
        let taken = Taken()
        try await TestGateway.run(feedback: Self.handling(taken, .accepted)) { gateway in
            gateway.readiness.advance(to: .draining)
            let answer = try await gateway.request("POST", "/feedback/sns/main", headers: Self.text, body: "{}")
            #expect(answer.status == 503 && answer.code == "draining")
            #expect(answer.headers["retry-after"] == "1")
            #expect(taken.count == 0)
        }
    }

    @Test func isThereForItsRoleOnly() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("POST", "/feedback/sns/main", body: "{}")
            #expect(answer.status == 404)
            #expect(try await gateway.request("GET", "/events").status == 200)
        }
        try await TestGateway.run(isTenantAPI: false, feedback: Self.handling(Taken(), .accepted)) { gateway in
            #expect(try await gateway.request("POST", "/feedback/sns/main", key: nil, body: "{}").status == 200)
            let other = try await gateway.request("GET", "/feedback/sns/main")
            #expect(other.status == 405 && other.headers["allow"] == "POST")
            for path in ["/events", "/webhooks", "/suppressions", "/feedback/sns", "/feedback/sns/a/b"] {
                #expect(try await gateway.request("GET", path).status == 404, "\(path)")
            }
            #expect(try await gateway.request("POST", "/send", body: "{}").status == 404)
            #expect(try await gateway.request("GET", "/livez", key: nil).status == 200)
        }
    }
}
