/// The status that each outbox row must come to, from all that was said about it: a message that was sent twice has one.
struct Outcomes {
    struct Line {
        var outboxID: String?
        var recipient: String
        var messageID: MessageID
        var certain: StatusSet
        var possible: StatusSet
        var pending: Int
    }

    private(set) var lines: [Line] = []

    /// Joins what the ledger has by (outbox id, recipient); sends without a tag stay apart.
    init(_ ledger: EventLedger) {
        var places: [String: Int] = [:]
        lines.reserveCapacity(ledger.recipients.count)
        for index in 0..<ledger.recipients.count {
            let record = ledger.recipients[index]
            let line = Line(
                outboxID: ledger.outboxID(of: record),
                recipient: ledger.address(of: record),
                messageID: record.messageID,
                certain: record.certain,
                possible: record.possible,
                pending: Int(record.pending)
            )
            let key = line.outboxID.map { "\($0) \(line.recipient.lowercased())" }
            if let key, let place = places[key] {
                lines[place].messageID = line.messageID
                lines[place].certain.formUnion(line.certain)
                lines[place].possible.formUnion(line.possible)
                lines[place].pending += line.pending
            } else {
                if let key { places[key] = lines.count }
                lines.append(line)
            }
        }
    }
}

extension Outcomes.Line {
    /// The highest status that may have been told. `settled` says that nothing is under way any more.
    var status: FinalStatus { statuses.last ?? .unknown }

    /// More than one where an event's fate is not known.
    var statuses: [FinalStatus] { certain.union(possible).above(certain) }

    var json: String {
        let names = statuses
        let doubt = names.count > 1 ? #","possible":\#(JSONText.quoted(names.map(\.name)))"# : ""
        return """
            {"outbox_id":\(JSONText.quoted(outboxID)),"recipient":\(JSONText.quoted(recipient)),\
            "ses_message_id":"\(messageID.text)","status":"\(status.name)","settled":\(pending == 0)\(doubt)}

            """
    }
}
