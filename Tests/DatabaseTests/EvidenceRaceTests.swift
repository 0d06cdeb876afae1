import Logging
import Mail
import Outbox
import Postgres
import Testing

@Suite("Evidence from several sides at once")
struct EvidenceRaceTests {
    @Test(
        "Batches in any order, settling, promotion and recovery meet without a deadlock, and lose nothing",
        .timeLimit(.minutes(5))
    )
    func race() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            for round in 0..<5 {
                let messages =
                    try (0..<60).map { _ in try world.message(recipients: ["a\(round)@b.example"]) }
                    + (0..<20).map { _ in
                        try world.message(
                            recipients: ["a\(round)@b.example", "c\(round)@b.example", "d\(round)@b.example"],
                            split: false
                        )
                    }
                let calls = try await world.claimed(messages)
                try #require(calls.count == 80)
                let facts = try calls.flatMap { call in
                    let sesID = "ses-\(call.entry.text)"
                    return try [EventType.sent, .delivered, .bounced, .complained].flatMap { type in
                        try call.rows.map { row in
                            try world.evidence(
                                type,
                                call.entry,
                                sesID,
                                recipient: type == .sent ? nil : row.email,
                                suppression: type == .complained ? .complaint : nil
                            )
                        }
                    }
                }
                let unknown = calls.map { Outcome(call: $0, result: .unknown(grace: .zero, detail: "reset")) }
                let sent = calls.map { Outcome(call: $0, result: .sent(sesMessageID: "ses-\($0.entry.text)")) }
                let half = calls.count / 2
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for side in 0..<3 {
                        group.addTask {
                            var random = SeededGenerator(seed: UInt64(round * 10 + side))
                            for batch in Self.slices(facts.shuffled(using: &random), of: 40) {
                                let results = try await world.apply(batch)
                                #expect(!results.contains(.unmatched))
                            }
                        }
                    }
                    // Half of the outcomes are known, half are not; those go into the grace, which is over at once.
                    group.addTask { try await world.settle((sent[..<half] + unknown[half...]).reversed()) }
                    group.addTask {
                        for _ in 0..<20 { _ = try await Promoter(pool: pool).promote() }
                    }
                    try await group.waitForAll()
                }
                #expect(
                    try await world.value("SELECT array_agg(DISTINCT status) FROM outbox") == [
                        MessageStatus.complained.rank
                    ]
                )
                #expect(try await world.count("claim") == 0)
                // A resend that promotion put into the queue meanwhile is superseded.
                let again = try await world.claim(messages[0].laneID, 500)
                let areSuperseded = again.allSatisfy(\.isSuperseded)
                #expect(areSuperseded)
                try await world.settle(again.map { Outcome(call: $0, result: .superseded) })
            }
            #expect(try await world.count("deferred") == 0)
            // Each row: sent, delivered, bounced, complained; some an `unknown` before.
            let events: Int = try await world.value("SELECT count(*) FROM event WHERE type <> 'email.unknown'")
            #expect(events == 5 * (60 + 60) * 4)
            let noted: Int = try await world.value("SELECT sum(cardinality(identities))::bigint FROM event_batch")
            let queued = 5 * (60 + 60)
            #expect(noted == queued + (try await world.count("event")))
            #expect(try await world.count("suppression") == 5 * 3)
        }
    }

    private static func slices(_ evidence: [Evidence], of size: Int) -> [[Evidence]] {
        stride(from: 0, to: evidence.count, by: size).map { Array(evidence[$0..<min($0 + size, evidence.count)]) }
    }
}

/// SplitMix64.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
