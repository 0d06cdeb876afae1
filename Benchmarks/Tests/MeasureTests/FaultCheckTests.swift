import Measure
import Testing

struct FaultCheckTests {
    private static let shares = [
        SharePlan("AT", rate: 2, ceiling: 2, lend: false), SharePlan("other", rate: 1, ceiling: nil),
    ]

    private func id(_ message: Int, _ recipient: UInt64 = 0) -> RowID {
        RowID(high: 7, low: UInt64(message) << 16 | recipient)
    }

    /// Three messages that were accepted, sent and delivered, a second apart; the third has two recipients and one call.
    private func sound() -> FaultWitness {
        var witness = FaultWitness()
        for message in 1...3 {
            let count = message == 3 ? 2 : 1
            witness.posts[message] = .init(share: 0, recipients: count, answer: .accepted(id(message)))
            for recipient in 1...UInt64(count) {
                let row = id(message, recipient)
                let events = ["email.sent": 1, "email.delivered": 1]
                witness.rows[row] = .init(post: message, status: "delivered", events: events)
                for type in events.keys { witness.said.append(.init(row: row, type: type, isTaken: true)) }
                witness.outcomes[row] = ["delivered"]
            }
            let called = count == 1 ? id(message, 1) : id(message)
            witness.sends.append(Send(at: Int64(message) * 1_000_000_000, row: called, recipients: count))
        }
        return witness
    }

    private func check(_ witness: FaultWitness) -> FaultCheck {
        FaultCheck(witness, shares: Self.shares, rate: 3, window: 1_000_000_000)
    }

    @Test func aSoundRunIsSound() {
        let check = check(sound())
        #expect(check.isSound, "\(check)")
        #expect(check.taken == 4)
        #expect(check.most == 2)
    }

    @Test func aPromiseThatIsNotStoredIsLost() {
        var witness = sound()
        witness.posts[4] = .init(share: 0, recipients: 1, answer: .accepted(id(4)))
        #expect(check(witness).lost.count == 1)
        witness.posts[4] = .init(share: 0, recipients: 1, answer: .uncertain)
        #expect(check(witness).isSound)
    }

    @Test func aRowThatWasNeverTakenIsLost() {
        var witness = sound()
        witness.sends.removeAll { $0.row == id(1, 1) }
        #expect(check(witness).lost.count == 1)
        // Refused by SES is an end of its own, when it says why.
        witness.rows[id(1, 1)] = .init(post: 1, status: "failed", detail: "MessageRejected")
        witness.outcomes[id(1, 1)] = nil
        witness.said.removeAll { $0.row == id(1, 1) }
        #expect(check(witness).isSound)
        witness.rows[id(1, 1)]?.detail = ""
        #expect(check(witness).lost.count == 1)
    }

    @Test func aRecipientOfAnAcceptedMessageIsLost() {
        var witness = sound()
        witness.rows[id(3, 2)] = nil
        #expect(check(witness).lost.count == 1)
    }

    @Test func whatARefusedClientPostedIsAPhantom() {
        var witness = sound()
        witness.posts[2]?.answer = .refused
        #expect(check(witness).phantoms.count == 1)
        witness.posts[2]?.answer = .uncertain
        #expect(check(witness).isSound)
        witness.posts[2] = nil
        #expect(check(witness).phantoms.count == 1)
    }

    @Test func aPostThatIsStoredTwiceIsAPhantom() {
        var witness = sound()
        witness.rows[id(2, 1)]?.post = 1
        witness.posts[2] = nil
        #expect(check(witness).phantoms.count == 1)
        witness.posts[1]?.answer = .uncertain
        #expect(check(witness).phantoms.count == 1)
    }

    @Test func aMailThatIsNotStoredIsAPhantom() {
        var witness = sound()
        witness.sends.append(Send(at: 9_000_000_000, row: id(9, 1)))
        #expect(check(witness).phantoms.count == 1)
    }

    @Test func anUncertainPostIsWholeOrNotThere() {
        var witness = sound()
        witness.posts[3]?.answer = .uncertain
        witness.rows[id(3, 2)] = nil
        #expect(check(witness).wrong.contains { $0.contains("1 of 2 rows") })
    }

    @Test func aDuplicateNeedsARecordedDoubt() {
        var witness = sound()
        witness.sends.append(Send(at: 9_000_000_000, row: id(1, 1)))
        #expect(check(witness).unexplained.count == 1)
        witness.rows[id(1, 1)]?.unknowns = 1
        let explained = check(witness)
        #expect(explained.isSound)
        #expect(explained.duplicates == 1)
        #expect(explained.unknowns == 1)
        // One doubt explains one more take, and a call for all is one for each.
        witness.sends.append(Send(at: 11_000_000_000, row: id(1, 1)))
        witness.sends.append(Send(at: 13_000_000_000, row: id(3), recipients: 2))
        #expect(check(witness).unexplained.count == 3)
    }

    @Test func windowsOverTheQuotaAndOverACeilingAreFound() {
        var witness = sound()
        witness.sends.append(Send(at: 3_500_000_000, recipients: 2, outcome: .throttled))
        #expect(check(witness).over == 1)
        var own = sound()
        own.rows[id(1, 1)]?.unknowns = 1
        own.sends.append(Send(at: 3_500_000_000, row: id(1, 1)))
        #expect(check(own).over == 0)
        #expect(check(own).overCeiling == 1)
    }

    @Test func aStatusIsWhatSESSays() {
        var witness = sound()
        witness.outcomes[id(1, 1)] = ["bounced"]
        #expect(check(witness).wrong.count == 1)
        witness.outcomes[id(1, 1)] = ["bounced", "delivered"]
        #expect(check(witness).isSound)
        witness.rows[id(2, 1)]?.status = "unknown"
        #expect(check(witness).wrong.count == 1)
    }

    @Test func anEventIsRecordedOnceForEachTimeItHappened() {
        var witness = sound()
        witness.rows[id(1, 1)]?.events["email.delivered"] = 2
        witness.rows[id(2, 1)]?.events["email.delivered"] = nil
        #expect(check(witness).wrong.count == 2)
        // Nobody acknowledged it.
        witness.said = witness.said.map { .init(row: $0.row, type: $0.type, isTaken: $0.row != id(2, 1)) }
        #expect(check(witness).wrong.count == 1)
    }

    @Test func recoveryIsFromTheEndToTheNextSend() {
        let faults = [Recovery.Span(from: 0, to: 10), .init(from: 5, to: 30), .init(from: 60, to: 70)]
        let sends: [Int64] = [8, 12, 1_000_000_030]
        // The first ends while the second is on; the second's next send comes after the third.
        let expected: [Double?] = [nil, nil, 0.99999996]
        #expect(Recovery.times(of: faults, sends: sends) == expected)
        #expect(Recovery.times(of: [faults[0]], sends: [10]) == [0])
    }

    @Test func aSeedIsAPlan() {
        let plans = (0..<100).map { FaultPlan(seed: $0) }
        #expect(plans == (0..<100).map { FaultPlan(seed: $0) })
        for kind in FaultKind.allCases {
            for layout in FaultPlan.Layout.allCases {
                #expect(plans.contains { $0.layout == layout && $0.has(kind) }, "\(kind) \(layout)")
            }
        }
        for plan in plans {
            let targets = Dictionary(grouping: plan.strikes.filter { $0.kind.target != .node }, by: \.kind.target)
            for strikes in targets.values {
                #expect(zip(strikes, strikes.dropFirst()).allSatisfy { $0.at + $0.seconds < $1.at })
            }
        }
        #expect(FaultPlan(seed: 5, kinds: [.killWorker]).strikes.map(\.kind) == [.killWorker])
    }

    @Test func everyKindHasItsLine() {
        var result = FaultResult(seed: 1, layout: .split)
        result.strikes = [
            .init(kind: .killWorker, note: "", isSkipped: false, at: 1, seconds: 1, recovery: 0.5),
            .init(kind: .fillDisk, note: "", isSkipped: true, at: 1, seconds: 0, recovery: nil),
        ]
        result.lost = ["x"]
        let page = ReportPage.faultSuite([result])
        #expect(page.split(separator: "\n").count == 4)
        #expect(page.contains("0.50 s / 0.50 s"))
        #expect(!result.isSound)
        #expect(result.findings == ["lost: x"])
    }
}
