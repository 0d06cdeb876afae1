import Outbox
import SES
import Testing

@testable import Dispatching

@Suite("What follows from the end of a call")
struct VerdictTests {
    private func verdict(_ outcome: SendOutcome, attempt: Int = 1) -> Verdict {
        var random = SystemRandomNumberGenerator()
        return Verdict(of: outcome, attempt: attempt, unknownGrace: .seconds(120), using: &random)
    }

    private func failure(_ kind: SendFailure.Kind) -> SendFailure { SendFailure(kind, message: "why") }

    @Test(
        "What is not the message's fault puts it back without an attempt, and parks or slows the account",
        arguments: [
            (SendFailure.Kind.throttled, AccountEffect.throttled),
            (.dailyQuota, .park(.dailyQuota, detail: "why")),
            (.accountPaused, .park(.pausedBySES, detail: "why")),
            (.credentials, .park(.credentials, detail: "why")),
            (.configuration, .park(.configuration, detail: "why")),
            (.unreachable, .park(.unreachable, detail: "why")),
            (.stopped, .none),
        ]
    )
    func returned(kind: SendFailure.Kind, effect: AccountEffect) {
        let verdict = verdict(.notSent(failure(kind)))
        guard case .returned = verdict.result else {
            Issue.record("\(verdict.result)")
            return
        }
        #expect(verdict.effect == effect)
    }

    @Test("A refusal of the message itself ends it", arguments: [SendFailure.Kind.rejected, .identityUnverified])
    func refused(kind: SendFailure.Kind) {
        guard case .failed(let detail) = verdict(.notSent(failure(kind))).result else {
            Issue.record("not failed")
            return
        }
        #expect(detail == "why")
    }

    @Test("A temporary refusal is tried again with growing pauses, and given up in the end")
    func temporary() {
        var last = Duration.zero
        for attempt in [1, 3, 5] {
            guard case .retry(let delay, _) = verdict(.notSent(failure(.temporary)), attempt: attempt).result else {
                Issue.record("not retried")
                return
            }
            #expect(delay > last)
            last = delay
        }
        guard case .failed = verdict(.notSent(failure(.temporary)), attempt: RetryPolicy.mostAttempts).result else {
            Issue.record("never given up")
            return
        }
    }

    @Test("No answer is unknown, and says nothing about the account")
    func unknown() {
        let verdict = verdict(.unknown(failure(.ambiguous)))
        guard case .unknown(let grace, "why") = verdict.result else {
            Issue.record("\(verdict.result)")
            return
        }
        #expect(grace == .seconds(120))
        #expect(verdict.effect == .none)
    }

    @Test("A success clears a parking")
    func sent() {
        let verdict = verdict(.sent(messageID: "m"))
        guard case .sent("m") = verdict.result else {
            Issue.record("\(verdict.result)")
            return
        }
        #expect(verdict.effect == .healthy)
    }
}
