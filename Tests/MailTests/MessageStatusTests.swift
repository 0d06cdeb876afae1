import Testing

@testable import Mail

@Suite struct MessageStatusTests {
    private static let all = MessageStatus.allCases

    @Test func stringsAreTheAPIs() {
        let strings =
            "scheduled queued sending sent delivered delayed bounced complained rejected failed unknown canceled expired suppressed"
        #expect(Set(Self.all.map(\.rawValue)) == Set(strings.split(separator: " ").map(String.init)))
    }

    /// The numbers are in databases: this test fails when one of them changes.
    @Test func ranksAreFixed() {
        let ranks: [MessageStatus: Int16] = [
            .scheduled: 0, .queued: 10, .sending: 20, .unknown: 30, .expired: 40, .canceled: 41, .suppressed: 42,
            .failed: 43,
            .sent: 50, .delayed: 60, .rejected: 70, .delivered: 80, .bounced: 90, .complained: 100,
        ]
        for status in Self.all {
            #expect(status.rank == ranks[status])
            #expect(MessageStatus(rank: status.rank) == status)
        }
        #expect(MessageStatus(rank: 5) == nil)
    }

    @Test func mergeIsASemilattice() {
        for a in Self.all {
            #expect(a.merged(with: a) == a)
            for b in Self.all {
                #expect(a.merged(with: b) == b.merged(with: a))
                #expect([a, b].contains(a.merged(with: b)))
                for c in Self.all {
                    #expect(a.merged(with: b).merged(with: c) == a.merged(with: b.merged(with: c)))
                }
            }
        }
    }

    @Test func orderAndRepetitionOfEventsDoNotMatter() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<500 {
            let facts = (0..<Int.random(in: 1...8, using: &random)).map { _ in random.pick(Self.all) }
            let merged = facts.reduce(facts[0]) { $0.merged(with: $1) }
            let again = (facts + facts).shuffled(using: &random)
            #expect(again.reduce(again[0]) { $0.merged(with: $1) } == merged)
        }
    }

    @Test(
        arguments: [
            ([MessageStatus.sent, .delivered, .bounced], MessageStatus.bounced),
            ([.delivered, .complained], .complained),
            ([.complained, .delivered, .sent], .complained), ([.sent, .delayed, .delivered], .delivered),
            ([.delivered, .delayed], .delivered), ([.sent, .rejected], .rejected), ([.unknown, .sent], .sent),
            ([.failed, .sent], .sent), ([.failed, .delivered], .delivered), ([.canceled, .bounced], .bounced),
        ] as [([MessageStatus], MessageStatus)]
    )
    func evidenceMerges(_ facts: [MessageStatus], _ expected: MessageStatus) {
        #expect(facts.reduce(facts[0]) { $0.merged(with: $1) } == expected)
    }

    @Test func theOwnerStepsBackButNeverOverEvidence() {
        #expect(MessageStatus.sending.settled(as: .queued) == .queued)
        #expect(MessageStatus.unknown.settled(as: .queued) == .queued)
        #expect(MessageStatus.unknown.settled(as: .failed) == .failed)
        #expect(MessageStatus.sending.settled(as: .unknown) == .unknown)
        #expect(MessageStatus.queued.settled(as: .canceled) == .canceled)
        #expect(MessageStatus.scheduled.settled(as: .queued) == .queued)
        // A delivery event overtook the answer.
        #expect(MessageStatus.delivered.settled(as: .queued) == .delivered)
        #expect(MessageStatus.delivered.settled(as: .sent) == .delivered)
        #expect(MessageStatus.bounced.settled(as: .failed) == .bounced)
        // Steps that the machine does not know.
        #expect(MessageStatus.canceled.settled(as: .queued) == .canceled)
        #expect(MessageStatus.sending.settled(as: .canceled) == .sending)
        #expect(MessageStatus.sending.settled(as: .scheduled) == .sending)
        for status in Self.all where status.isEvidence {
            for next in Self.all { #expect(status.settled(as: next).rank >= status.rank) }
        }
        for status in Self.all { #expect(status.settled(as: status) == status) }
    }

    /// Owner reports and events in any interleaving: evidence is never lost.
    @Test func settleAndMergeTogether() {
        var random = SeededGenerator(seed: 12)
        for _ in 0..<1_000 {
            var status = MessageStatus.queued
            var strongest: MessageStatus?
            for _ in 0..<10 {
                let fact = random.pick(Self.all)
                status = random.chance(50) ? status.merged(with: fact) : status.settled(as: fact)
                if fact.isEvidence { strongest = strongest?.merged(with: fact) ?? fact }
                if let strongest { #expect(status == strongest) }
            }
        }
    }

    @Test func classes() {
        #expect(Self.all.filter(\.isWaiting) == [.scheduled, .queued])
        #expect(Self.all.filter { !$0.isFinal } == [.scheduled, .queued, .sending, .unknown])
        #expect(Self.all.filter(\.isEvidence) == [.sent, .delayed, .rejected, .delivered, .bounced, .complained])
    }
}

@Suite struct MessageSummaryTests {
    @Test func summarises() {
        #expect(MessageSummary().name == nil)
        #expect(MessageSummary([.sent, .sent]).name == "sent")
        #expect(MessageSummary([.sent, .sent]).status == .sent)
        let mixed = MessageSummary([.sent, .bounced, .sent])
        #expect(mixed.name == "mixed")
        #expect(mixed.status == nil)
        #expect(mixed.isMixed)
        #expect(mixed.counts == [.sent: 2, .bounced: 1])
        #expect(MessageSummary(counts: [.sent: 3, .queued: 0]).name == "sent")
    }

    @Test func partsAddUpInAnyOrder() {
        var random = SeededGenerator(seed: 13)
        for _ in 0..<100 {
            let rows = (0..<Int.random(in: 0...20, using: &random)).map { _ in random.pick(MessageStatus.allCases) }
            let cut = Int.random(in: 0...rows.count, using: &random)
            let left = MessageSummary(rows[..<cut])
            let right = MessageSummary(rows[cut...])
            #expect(left.adding(right) == MessageSummary(rows))
            #expect(right.adding(left) == MessageSummary(rows))
        }
    }
}

@Suite struct VocabularyTests {
    @Test func eventTypesAreTheAPIs() {
        let words =
            "scheduled queued sent delivered delivery_delayed bounced complained rejected failed suppressed canceled expired unknown opened clicked unsubscribed"
        #expect(Set(EventType.allCases.map(\.rawValue)) == Set(words.split(separator: " ").map { "email." + $0 }))
        for status in MessageStatus.allCases where status != .sending { #expect(EventType(status)?.status == status) }
        #expect(EventType(.sending) == nil)
        #expect(EventType.opened.status == nil)
        #expect(EventType.clicked.evidence == .sent)
        #expect(EventType.deliveryDelayed.evidence == .delayed)
    }

    @Test func priorities() throws {
        #expect(Priority.allCases.map(\.rawValue) == [0, 1, 2])
        #expect(Priority.allCases.map(\.name) == ["high", "normal", "bulk"])
        #expect(Priority(name: "bulk") == .bulk)
        #expect(Priority(name: "Bulk") == nil)
        #expect(Priority.high < .normal)
    }

    @Test func streamsAndKinds() {
        #expect(MessageStream.allCases.map(\.rawValue) == ["transactional", "bulk"])
        #expect(RecipientKind.allCases.map(\.rawValue) == ["to", "cc", "bcc"])
    }
}
