import Testing

@testable import Simulator

struct SimulatedSESTests {
    private static let second: Int64 = 1_000_000_000

    /// The account by reference, so that `#expect` can take what changes it.
    private final class Account {
        var ses: SimulatedSES

        init(_ options: SimulatorOptions) {
            ses = SimulatedSES(options, salt: 1, at: 0)
        }

        @discardableResult
        func count(_ call: SendRequest, _ fault: FaultRule.Fault? = nil, at now: Int64) -> Reply {
            ses.count(call, fault: fault, at: now, milliseconds: 0)
        }

        var used: Int { used(at: 0) }

        func used(at now: Int64) -> Int { ses.quota.used(at: now) }

        var entries: [LedgerEntry] { ses.ledger.page(from: 0, limit: .max / 2) }
    }

    private static func call(to recipients: [String] = ["a@example.com"], id: String? = nil) -> SendRequest {
        var submission = Submission()
        submission.from = "s@example.com"
        submission.recipients = recipients
        if let id { submission.tags = [Submission.Tag(name: "sluice-id", value: id)] }
        SubmissionLimits.check(&submission)
        return SendRequest(operation: .send, submissions: [submission])
    }

    private static func isAccepted(_ reply: Reply) -> Bool {
        if case .answer(200, nil, _) = reply { true } else { false }
    }

    @Test(arguments: [0.5, 1, 14, 1000])
    func holdsInvariantOneAgainstAGreedySender(rate: Double) {
        let account = Account(SimulatorOptions(rate: rate, daily: -1))
        var generator = SplitMix64(seed: 9)
        var now: Int64 = 0
        for _ in 0..<5000 {
            now += Int64.random(in: 0...Int64(0.4e9 / rate), using: &generator)
            account.count(Self.call(), at: now)
        }
        var audit = LedgerAudit(window: account.ses.rate.length)
        let snapshot = account.ses.ledger.snapshot
        audit.add(account.entries)
        #expect(audit.maxInWindow == max(1, Int(rate)))
        #expect(snapshot.totals[Int(Outcome.throttled.rawValue)].calls > 0)
    }

    @Test func recipientsCountNotCalls() {
        let account = Account(SimulatorOptions(rate: 5, daily: -1))
        let three = Self.call(to: ["a@example.com", "b@example.com", "c@example.com"])
        #expect(Self.isAccepted(account.count(three, at: 0)))
        #expect(account.count(three, at: 1) == .failure(.throttled))
        #expect(Self.isAccepted(account.count(three, at: Self.second)))
    }

    @Test func theDailyQuotaRefusesAndSimulatorAddressesAreFree() {
        let account = Account(SimulatorOptions(rate: 100, daily: 2))
        #expect(Self.isAccepted(account.count(Self.call(), at: 0)))
        let mixed = Self.call(to: ["a@example.com", "bounce+x@simulator.amazonses.com"])
        #expect(Self.isAccepted(account.count(mixed, at: 0)))
        #expect(account.count(Self.call(), at: 0) == .failure(.dailyQuota))
        let simulated = Self.call(to: ["Success@Simulator.amazonses.com"])
        #expect(Self.isAccepted(account.count(simulated, at: 0)))
        #expect(account.used == 2)
        #expect(Self.isAccepted(account.count(Self.call(), at: 86_461 * Self.second)))
    }

    @Test func simulatorAddressesAreLimitedByTheRate() {
        let account = Account(SimulatorOptions(rate: 1, daily: 0))
        let simulated = Self.call(to: ["ooto@simulator.amazonses.com"])
        #expect(Self.isAccepted(account.count(simulated, at: 0)))
        #expect(account.count(simulated, at: 1) == .failure(.throttled))
    }

    @Test func aBulkCallHasAResultPerEntry() {
        let account = Account(SimulatorOptions(rate: 2, daily: -1))
        var call = SendRequest(operation: .bulk)
        for recipients in [["a@example.com"], ["bad"], ["b@example.com"], ["c@example.com"]] {
            call.submissions += Self.call(to: recipients).submissions
        }
        guard case .answer(200, nil, let body) = account.count(call, at: 0) else {
            Issue.record("no answer")
            return
        }
        let order = ["SUCCESS", "INVALID_PARAMETER", "SUCCESS", "ACCOUNT_THROTTLED"]
        let statuses = body.split(separator: "\"").filter { order.contains(String($0)) }.map(String.init)
        #expect(statuses == order)
    }

    @Test func ambiguousFaultsAcceptAndRefusingFaultsDoNot() {
        let accepting: [(FaultRule.Fault, Reply)] = [
            (.resetAfterBody, .reset),
            (.hang(limit: .seconds(1)), .hang(limit: .seconds(1))),
            (.invalidMessageID(body: "junk"), .success("junk")),
            (
                .status(code: 500, error: "InternalFailure", message: "m", accept: true),
                .answer(status: 500, error: "InternalFailure", body: #"{"message":"m"}"#)
            ),
        ]
        for (fault, reply) in accepting {
            let account = Account(SimulatorOptions(rate: 1, daily: -1))
            #expect(account.count(Self.call(), fault, at: 0) == reply)
            #expect(account.used == 1)
            // Over the rate the fault has nothing to be ambiguous about.
            #expect(account.count(Self.call(), fault, at: 1) == .failure(.throttled))
        }
        let refusing: [(FaultRule.Fault, ServiceFailure, Outcome)] = [
            (.throttle, .throttled, .throttledByFault), (.paused, .paused, .paused),
            (.expiredToken, .expiredToken, .expiredToken),
        ]
        for (fault, failure, outcome) in refusing {
            let account = Account(SimulatorOptions(rate: 1, daily: -1))
            #expect(account.count(Self.call(), fault, at: 0) == .failure(failure))
            #expect(account.used == 0)
            #expect(account.entries.map(\.outcome) == [outcome])
            #expect(Self.isAccepted(account.count(Self.call(), at: 0)))
        }
    }

    @Test func theCountInstantLiesWithinTheLatency() throws {
        let account = Account(SimulatorOptions(latency: try LatencyRange(parsing: "30ms..80ms")))
        var befores: Set<Int64> = []
        for _ in 0..<500 {
            let plan = account.ses.plan(Self.call(), at: 0)
            #expect(plan.before >= 0 && plan.after >= 0)
            #expect((30_000_000...80_000_000).contains(plan.before + plan.after))
            befores.insert(plan.before / 10_000_000)
        }
        #expect(befores.count >= 7)
    }

    @Test func theSameSeedDrawsTheSame() throws {
        let options = SimulatorOptions(latency: try LatencyRange(parsing: "1ms..1s"), seed: 77)
        let first = Account(options)
        let second = Account(options)
        for _ in 0..<100 {
            let drawn = (first.ses.plan(Self.call(), at: 0), second.ses.plan(Self.call(), at: 0))
            #expect(drawn.0.before == drawn.1.before)
        }
    }

    @Test func theMessageStoreIsBounded() {
        let account = Account(SimulatorOptions(rate: 1000, daily: -1, messageCapacity: 3))
        for at in 0..<10 { account.count(Self.call(id: "\(at)"), at: Int64(at)) }
        #expect(account.ses.messages.count == 3)
        #expect(account.ses.messages.dropped == 7)
        let last = account.ses.messages.list(after: nil, limit: 2)
        #expect(last.map(\.submission.outboxID) == ["8", "9"])
        #expect(account.ses.messages.list(after: last[0].id, limit: 9).map(\.id) == [last[1].id])
        #expect(account.ses.messages.list(after: "gone", limit: 9).count == 3)
        #expect(account.ses.messages[last[1].id]?.submission.outboxID == "9")
        account.ses.messages.clear()
        #expect(account.ses.messages.count == 0)
    }

    @Test func instantsInTheLedgerNeverFall() {
        let account = Account(SimulatorOptions(rate: 1000, daily: -1))
        for at in [5, 3, 9, 8] as [Int64] { account.count(Self.call(), at: at) }
        #expect(account.entries.map(\.at) == [5, 5, 9, 9])
    }
}
