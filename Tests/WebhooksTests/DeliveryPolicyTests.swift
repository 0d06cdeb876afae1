import Foundation
import Postgres
import Testing

@testable import Webhooks

struct DeliveryPolicyTests {
    private let now = Date(timeIntervalSince1970: 784_111_777)

    private func verdict(_ answer: DeliveryAnswer, attempt: Int, seed: UInt64 = 1) -> DeliveryPolicy.Verdict {
        var random = SeededGenerator(state: seed)
        return DeliveryPolicy.verdict(on: answer, attempt: attempt, now: now, using: &random)
    }

    @Test(arguments: [200, 201, 202, 204, 299])
    func successIsAnyOf2xx(status: Int) {
        #expect(verdict(.status(status, retryAfter: nil), attempt: 1) == .delivered)
        #expect(verdict(.status(status, retryAfter: "9"), attempt: 10) == .delivered)
    }

    @Test(arguments: [100, 300, 301, 302, 307, 308, 400, 401, 404, 409, 429, 500, 502, 503, 504, 599])
    func everyOtherAnswerIsRetried(status: Int) {
        guard case .retry(_, nil) = verdict(.status(status, retryAfter: nil), attempt: 1) else {
            Issue.record("\(status) is not retried")
            return
        }
    }

    /// The published schedule, with a tenth of jitter to either side.
    @Test(arguments: [
        (1, 5), (2, 300), (3, 1800), (4, 7200), (5, 18_000), (6, 36_000), (7, 50_400), (8, 72_000), (9, 86_400),
    ])
    func retriesFollowTheSchedule(attempt: Int, seconds: Int) {
        var delays: [Duration] = []
        for seed in 0..<200 {
            guard case .retry(let delay, nil) = verdict(.failure("timeout"), attempt: attempt, seed: UInt64(seed))
            else {
                Issue.record("not retried")
                return
            }
            delays.append(delay)
        }
        let exact = Duration.seconds(seconds)
        #expect(delays.allSatisfy { $0 >= exact * 0.9 && $0 <= exact * 1.1 })
        #expect(delays.contains { $0 < exact * 0.95 } && delays.contains { $0 > exact * 1.05 })
    }

    @Test func theTenthAttemptIsTheLast() {
        #expect(verdict(.failure("tls"), attempt: 10) == .failed(hold: nil))
        #expect(verdict(.failure("tls"), attempt: 11) == .failed(hold: nil))
    }

    /// What was brought forward goes back to its time, even if it would have been the last attempt.
    @Test func anEarlyAttemptCountsForNothing() {
        func verdict(_ answer: DeliveryAnswer, left: TimeInterval) -> DeliveryPolicy.Verdict {
            var random = SeededGenerator(state: 1)
            return DeliveryPolicy.verdict(
                on: answer,
                attempt: 10,
                scheduledAt: now.addingTimeInterval(left),
                now: now,
                using: &random
            )
        }
        #expect(verdict(.failure("tls"), left: 7200) == .early(until: .seconds(7200), hold: nil))
        #expect(
            verdict(.status(503, retryAfter: "60"), left: 10) == .early(until: .seconds(60), hold: .seconds(60))
        )
        #expect(verdict(.failure("tls"), left: 0) == .failed(hold: nil))
        #expect(verdict(.status(200, retryAfter: nil), left: 7200) == .delivered)
    }

    @Test func goneIsGoneAtOnce() {
        #expect(verdict(.status(410, retryAfter: "60"), attempt: 1) == .gone)
    }

    @Test(arguments: [429, 502, 503, 504])
    func aPauseHoldsTheEndpoint(status: Int) {
        #expect(
            verdict(.status(status, retryAfter: "60"), attempt: 1) == .retry(after: .seconds(60), hold: .seconds(60))
        )
        let date = "Sun, 06 Nov 1994 08:50:37 GMT"
        #expect(
            verdict(.status(status, retryAfter: date), attempt: 1) == .retry(after: .seconds(60), hold: .seconds(60))
        )
        // At most an hour, and never before the schedule.
        guard case .retry(let after, let hold) = verdict(.status(status, retryAfter: "86400"), attempt: 1) else {
            Issue.record("not retried")
            return
        }
        #expect(after == .seconds(3600) && hold == .seconds(3600))
        guard case .retry(let later, .seconds(1)) = verdict(.status(status, retryAfter: "1"), attempt: 3) else {
            Issue.record("not held for a second")
            return
        }
        #expect(later >= .seconds(1620))
        #expect(verdict(.status(status, retryAfter: "60"), attempt: 10) == .failed(hold: .seconds(60)))
    }

    @Test(arguments: ["", "-1", "soon", "1.5", "0", "Sun, 06 Nov 1994 08:40:37 GMT", "Sun, 6 Nov 2094 08:40:37 GMT"])
    func whatIsNoPauseHoldsNothing(text: String) {
        guard case .retry(_, nil) = verdict(.status(503, retryAfter: text), attempt: 1) else {
            Issue.record("held by \(text)")
            return
        }
    }

    @Test func otherAnswersAskForNoPause() {
        guard case .retry(_, nil) = verdict(.status(500, retryAfter: "60"), attempt: 1) else {
            Issue.record("held by a 500")
            return
        }
    }

    @Test func anInterruptedAttemptCountsForNothing() {
        #expect(verdict(.interrupted, attempt: 10) == .released)
        #expect(verdict(.eventGone, attempt: 1) == .discarded)
    }
}

struct EndpointHealthTests {
    private func result(
        _ verdict: DeliveryPolicy.Verdict,
        at second: Double,
        endpoint: UInt64 = 1,
        failures: Int = 0
    ) -> DeliveryResult {
        DeliveryResult(
            delivery: .sample(endpoint: endpoint, failures: failures),
            at: Date(timeIntervalSince1970: second),
            duration: .milliseconds(5),
            answer: .failure("timeout"),
            verdict: verdict
        )
    }

    private let retry = DeliveryPolicy.Verdict.retry(after: .seconds(5), hold: nil)

    @Test func successesOfAWellEndpointChangeNothing() {
        #expect(EndpointHealth.changes([result(.delivered, at: 1), result(.delivered, at: 2)]).isEmpty)
        #expect(EndpointHealth.changes([result(.released, at: 1), result(.discarded, at: 2)]).isEmpty)
    }

    @Test func aSuccessEndsFailures() {
        let changes = EndpointHealth.changes([result(.delivered, at: 1, failures: 12)])
        #expect(changes.map(\.hasSucceeded) == [true])
        #expect(changes.map(\.failures) == [0])
    }

    /// Those of an endpoint that is coming back are counted, though it fails no more.
    @Test func successesBehindTheLastFailureCount() {
        let success = DeliveryResult(
            delivery: .sample(isRecovering: true),
            at: Date(timeIntervalSince1970: 1),
            duration: .zero,
            answer: .status(200, retryAfter: nil),
            verdict: .delivered
        )
        let early = result(.early(until: .seconds(5), hold: nil), at: 2)
        #expect(EndpointHealth.changes([success, success]).map(\.successes) == [2])
        #expect(EndpointHealth.changes([success, success]).map(\.hasFailed) == [false])
        let mixed = EndpointHealth.changes([success, early, success, success, success])
        #expect(mixed.map(\.successes) == [3] && mixed.map(\.hasFailed) == [true] && mixed.map(\.failures) == [0])
    }

    @Test func failuresBehindTheLastSuccessCount() {
        let changes = EndpointHealth.changes([
            result(retry, at: 1), result(.delivered, at: 2), result(retry, at: 3), result(retry, at: 4),
        ])
        #expect(changes.map(\.failures) == [2])
        #expect(changes.map(\.hasSucceeded) == [true])
        #expect(changes.map(\.failingSince) == [Date(timeIntervalSince1970: 3)])
    }

    @Test func theLongestPauseCounts() {
        let changes = EndpointHealth.changes([
            result(.retry(after: .seconds(9), hold: .seconds(9)), at: 1), result(.failed(hold: .seconds(4)), at: 2),
        ])
        #expect(changes.map(\.hold) == [.seconds(9)])
    }

    @Test func endpointsComeInTheOrderOfTheirIDs() {
        let changes = EndpointHealth.changes([3, 1, 2].map { result(retry, at: 1, endpoint: $0) })
        #expect(changes.map(\.endpointID.low) == [1, 2, 3])
        #expect(EndpointHealth.changes([result(.gone, at: 1)]).map(\.isGone) == [true])
    }

    @Test func theLogSaysWhatTheTenantMayKnow() {
        #expect(
            result(retry, at: 784_111_777.25).logEntry.map { Set($0.dropFirst().dropLast().split(separator: ",")) }
                == [#""at":"1994-11-06T08:49:37.250Z""#, #""duration_ms":5"#, #""error":"timeout""#]
        )
        #expect(result(.released, at: 1).logEntry == nil)
    }
}
