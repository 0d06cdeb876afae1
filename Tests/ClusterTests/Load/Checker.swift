/// Compares what clients were promised, what SES took, and what the API says of the messages (each with one recipient).
struct Checker: Sendable {
    let notes: Load.Notes
    let ledger: [LedgerLine]
    let messages: [String: MessageAnswer]
    /// How many outcomes of each message were recorded as unknown, where there was any doubt.
    let unknown: [String: Int]
    /// How often SES took each message.
    let accepted: [String: Int]

    /// Waits until nothing more comes of the messages, then looks.
    init(_ load: Load, api: TenantAPI, simulator: SimulatorAPI) async throws {
        let notes = load.notes
        self.notes = notes
        messages = try await api.ended(notes.promised.keys)
        let ledger = try await simulator.ledger()
        self.ledger = ledger
        let accepted = Dictionary(
            grouping: ledger.filter(\.isAccepted).compactMap(\.messageID),
            by: \.self
        ).mapValues(\.count)
        self.accepted = accepted
        let doubtful = messages.values.filter { $0.attempts != 1 || accepted[$0.id] != 1 }.map(\.id)
        let counts = try await concurrently(doubtful) { id in
            (id, try await api.events(id).count { $0 == "email.unknown" })
        }
        unknown = Dictionary(uniqueKeysWithValues: counts)
    }

    /// Promised, never taken by SES, and not said to have failed.
    var lost: [String] {
        messages.values.filter { accepted[$0.id] == nil && ["sent", "delivered"].contains($0.status) }.map(\.id)
            + notes.promised.keys.filter { messages[$0] == nil }
    }

    /// Promised, and not sent.
    var notSent: [String] { messages.values.filter { $0.status != "sent" }.map { "\($0.id) is \($0.status)" } }

    /// Taken more often than outcomes recorded as unknown explain.
    var duplicates: [String] {
        accepted.filter { $0.value - 1 > unknown[$0.key] ?? 0 }.map { "\($0.key) was taken \($0.value) times" }
    }

    /// Taken by SES, but never promised to anybody.
    var phantoms: [String] { accepted.keys.filter { notes.promised[$0] == nil } }

    /// The most that any second had of one region's share.
    func mostInOneSecond(region: String) -> Int {
        ledger.filter { $0.messageID.flatMap { notes.promised[$0] } == region }.mostInOneSecond()
    }

    /// In a sentence, for people who read the test's output.
    var figures: String {
        "\(messages.count) promised, \(accepted.values.reduce(0, +)) taken by SES, \(unknown.values.reduce(0, +)) unknown, "
            + "\(accepted.values.reduce(0) { $0 + $1 - 1 }) twice, \(notes.uncertain) posts uncertain, most in a second: "
            + "\(ledger.mostInOneSecond()) (AT \(mostInOneSecond(region: "AT")), UK \(mostInOneSecond(region: "UK")))"
    }
}
