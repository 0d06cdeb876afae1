/// The simulator's ledger as it comes over HTTP: one object a line, members in a fixed order.
///
/// `{"at_ns":N,"outbox_id":"..." or null,"attempt":N,"recipients":N,"outcome":"..."}`
public enum LedgerText {
    private static let accepting: Set<String> = [
        "accepted", "failed_after_accept", "reset_after_accept", "hung_after_accept", "invalid_message_id",
    ]

    /// The sends in the order of their instants; nil where a line has another form.
    public static func read(_ text: [UInt8]) -> [Send]? {
        var sends: [Send] = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            guard let send = send(line) else { return nil }
            sends.append(send)
        }
        return sends.sorted { $0.at < $1.at }
    }

    private static func send(_ line: ArraySlice<UInt8>) -> Send? {
        // Ids are UUIDs and outcomes are words, so that no string holds a comma or an escape.
        let fields = line.dropFirst().dropLast().split(separator: UInt8(ascii: ",")).map { field in
            field.drop { $0 != UInt8(ascii: ":") }.dropFirst()
        }
        guard fields.count == 5, let at = number(fields[0]), let recipients = number(fields[3]) else { return nil }
        let outcome = String(decoding: fields[4].dropFirst().dropLast(), as: UTF8.self)
        return Send(
            at: at,
            row: RowID(fields[1].dropFirst().dropLast()),
            recipients: Int(recipients),
            outcome: accepting.contains(outcome) ? .accepted : outcome == "throttled" ? .throttled : .other
        )
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int64? { Int64(String(decoding: field, as: UTF8.self)) }
}
