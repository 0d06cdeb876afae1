extension LedgerEntry {
    /// Appends the entry as one line of the ledger's NDJSON.
    func appendLine(to line: inout [UInt8], texts: [OutboxReference: String]) {
        let id = JSONText.quoted(reference.text ?? texts[reference])
        let attempt = attempt.map(String.init) ?? "null"
        line.append(
            contentsOf: """
                {"at_ns":\(at),"outbox_id":\(id),"attempt":\(attempt),"recipients":\(recipients),\
                "outcome":"\(outcome.name)"}

                """.utf8
        )
    }
}
