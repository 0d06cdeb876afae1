import Mail

/// A line of the simulator's ledger.
struct LedgerLine: Decodable, Sendable {
    private static let accepting: Set<String> = [
        "accepted", "failed_after_accept", "reset_after_accept", "hung_after_accept", "invalid_message_id",
    ]

    let at: Int64
    let outboxID: String?
    let recipients: Int
    let outcome: String

    private enum CodingKeys: String, CodingKey {
        case recipients, outcome
        case at = "at_ns"
        case outboxID = "outbox_id"
    }

    /// Whether SES took the mail, whatever it answered.
    var isAccepted: Bool { Self.accepting.contains(outcome) }

    /// The message that the outbox row belongs to.
    var messageID: String? { outboxID.flatMap(Self.messageID) }

    static func messageID(_ text: String) -> String? {
        OutboxID(text)?.message.description ?? MessageID(text)?.description
    }
}

extension [LedgerLine] {
    /// The most recipients that were accepted in any half-open second. Sees only the timestamps.
    func mostInOneSecond() -> Int {
        let sends = filter(\.isAccepted).sorted { $0.at < $1.at }
        var first = 0
        var held = 0
        var most = 0
        for send in sends {
            held += send.recipients
            while send.at - sends[first].at >= 1_000_000_000 {
                held -= sends[first].recipients
                first += 1
            }
            most = Swift.max(most, held)
        }
        return most
    }
}
