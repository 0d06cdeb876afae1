import Testing

@testable import Simulator

struct LedgerTests {
    private static let ids: [String?] = [
        "0190f0a0-12ab-7000-8000-0000000000ff", "short", "", nil,
        "0190F0A0-12AB-7000-8000-0000000000FF", "0190f0a0-12ab-7000-8000-0000000000ff-17", "sixteen-bytes-id",
    ]

    @Test func everyIDComesBackAsItWas() {
        var ledger = Ledger(capacity: 100)
        for (index, id) in Self.ids.enumerated() {
            ledger.append(at: Int64(index), outboxID: id, attempt: 7, recipients: 2, outcome: .accepted)
        }
        let entries = ledger.page(from: 0, limit: 100)
        #expect(entries.map { ledger.text(of: $0.reference) } == Self.ids)
        #expect(entries.map(\.at) == Self.ids.indices.map { Int64($0) })
        #expect(entries.allSatisfy { $0.attempt == 7 && $0.recipients == 2 })
    }

    @Test func anEntryIsSmall() {
        #expect(MemoryLayout<LedgerEntry>.stride <= 32)
    }

    @Test func pagesCrossChunksWithoutGaps() {
        var ledger = Ledger(capacity: 100_000)
        for at in 0..<100_000 {
            ledger.append(at: Int64(at), outboxID: nil, attempt: nil, recipients: 1, outcome: .accepted)
        }
        var position = 0
        var pages = 0
        while true {
            let page = ledger.page(from: position, limit: 5000)
            if page.isEmpty { break }
            #expect(page.first?.at == Int64(position))
            position += page.count
            pages += 1
        }
        #expect(position == 100_000)
        #expect(pages > 20)
    }

    @Test func beyondItsCapacityItSaysSo() {
        var ledger = Ledger(capacity: 2)
        for _ in 0..<2 { ledger.append(at: 0, outboxID: nil, attempt: nil, recipients: 1, outcome: .accepted) }
        #expect(!ledger.snapshot.isTruncated)
        ledger.append(at: 0, outboxID: nil, attempt: nil, recipients: 5, outcome: .accepted)
        #expect(ledger.snapshot.isTruncated)
        #expect(ledger.count == 2)
        #expect(ledger.snapshot.totals[Int(Outcome.accepted.rawValue)] == Ledger.Total(calls: 3, recipients: 7))
        ledger.clear()
        #expect(!ledger.snapshot.isTruncated)
        #expect(ledger.page(from: 0, limit: 9).isEmpty)
        #expect(ledger.generation == 1)
    }

    @Test func duplicatesAreAcceptedSendsBeyondTheFirst() {
        var ledger = Ledger(capacity: 100)
        let sends: [(String?, Outcome)] = [
            ("a", .accepted), ("a", .resetAfterAccept), ("a", .throttled), ("b", .throttled), ("b", .accepted),
            (nil, .accepted), (nil, .accepted), ("c", .hungAfterAccept), ("c", .accepted), ("c", .accepted),
        ]
        for (id, outcome) in sends {
            ledger.append(at: 0, outboxID: id, attempt: nil, recipients: 1, outcome: outcome)
        }
        var audit = LedgerAudit(window: 1)
        audit.add(ledger.page(from: 0, limit: 100))
        let (unique, duplicates) = audit.identities()
        #expect(unique == 3)
        #expect(duplicates == 3)
    }
}
