import Mail
import Outbox
import Postgres
import Testing

@Suite("Evidence, in whatever order it comes")
struct EvidenceOrderTests {
    /// What becomes known about one recipient: our own settling, or a word of SES's.
    enum Fact: CaseIterable {
        case settle, send, delay, delivery, bounce, complaint

        var type: EventType {
            switch self {
            case .settle, .send: .sent
            case .delay: .deliveryDelayed
            case .delivery: .delivered
            case .bounce: .bounced
            case .complaint: .complained
            }
        }
    }

    @Test(
        "All orders end in the same status, with each event once",
        arguments: [
            (Fact.allCases, .complained, "why email.complained"),
            ([.settle, .send, .delay, .delivery, .bounce], .bounced, "why email.bounced"),
            ([.settle, .send, .delay, .delivery], .delivered, nil),
            ([.settle, .send, .delay], .delayed, "why email.delivery_delayed"),
            ([.settle, .send], .sent, nil),
        ] as [([Fact], MessageStatus, String?)]
    )
    func orders(facts: [Fact], status: MessageStatus, detail: String?) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let orders = Self.permutations(facts)
            let messages = try orders.map { _ in try world.message() }
            let calls = try await world.claimed(messages)
            try #require(calls.count == orders.count)
            for step in facts.indices {
                var outcomes: [Outcome] = []
                var evidence: [Evidence] = []
                for (call, order) in zip(calls, orders) {
                    let sesID = "ses-\(call.entry.text)"
                    if order[step] == .settle {
                        outcomes.append(Outcome(call: call, result: .sent(sesMessageID: sesID)))
                    } else {
                        evidence.append(
                            try world.evidence(order[step].type, call.entry, sesID, recipient: "a@b.example")
                        )
                    }
                }
                try await world.settle(outcomes)
                let results = try await world.apply(evidence)
                #expect(!results.contains(.unmatched))
                // Whoever comes second with `sent` says nothing new.
                #expect(
                    zip(evidence, results).allSatisfy { ($0.type == .sent) || $1 == .applied }
                )
            }
            #expect(try await world.value("SELECT array_agg(DISTINCT status) FROM outbox") == [status.rank])
            #expect(try await world.value("SELECT min(detail) FROM outbox", as: String?.self) == detail)
            #expect(try await world.value("SELECT count(*) FROM outbox WHERE detail IS DISTINCT FROM \(detail)") == 0)
            #expect(try await world.value("SELECT count(*) FROM outbox WHERE NOT heard") == 0)
            #expect(try await world.value("SELECT count(*) FROM event") == orders.count * (facts.count - 1))
            #expect(try await world.count("ses_id") == orders.count)
            #expect(try await world.count("claim") == 0)
            #expect(
                try await world.value("SELECT sum(cardinality(identities)) FROM event_batch") == orders.count
                    * facts.count
            )
        }
    }

    @Test("Told twice, in one batch or in two, it is one event")
    func twice() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            let bounce = try world.evidence(.bounced, call.entry, "s", recipient: "a@b.example", suppression: .bounce)
            let delivery = try world.evidence(.delivered, call.entry, "s", recipient: "a@b.example")
            #expect(try await world.apply([bounce, delivery, bounce]) == [.applied, .applied, .duplicate])
            #expect(try await world.apply([delivery, bounce]) == [.duplicate, .duplicate])
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))])
            #expect(try await world.statuses(message) == [.bounced])
            #expect(try await world.value("SELECT count(*) FROM event") == 3, "sent, delivered, bounced")
            #expect(try await world.count("suppression") == 1)
            let other = try world.evidence(.bounced, call.entry, "s", recipient: "a@b.example", mark: "another")
            #expect(try await world.apply([other]) == [.applied])
        }
    }

    @Test("A row says how it stood after each event, and whether SES has said anything")
    func standing() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (_, call) = try await world.call()
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))])
            #expect(try await world.value("SELECT heard FROM outbox") == false)
            #expect(try await world.apply([try world.evidence(.sent, call.entry, "s")]) == [.duplicate])
            #expect(try await world.value("SELECT heard FROM outbox") == true)
            let late = [EventType.delivered, .deliveryDelayed, .opened].map { type in
                try? world.evidence(type, call.entry, "s", mark: "1")
            }
            #expect(try await world.apply(late.compactMap(\.self)) == [.applied, .applied, .applied])
            let statuses = try await pool.query("SELECT type, status FROM event ORDER BY at, id").decode(
                String.self,
                Int16.self
            )
            #expect(
                statuses.allSatisfy { $0.1 == ($0.0 == "email.sent" ? MessageStatus.sent : .delivered).rank },
                "\(statuses)"
            )
        }
    }

    /// Every order, in the order of the alphabet.
    static func permutations<Element>(_ elements: [Element]) -> [[Element]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index -> [[Element]] in
            var rest = elements
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }
}
