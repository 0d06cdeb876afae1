extension EventLedger {
    /// At most `limit` entries from `position` on as NDJSON, and how many there were.
    func eventLines(from position: Int, limit: Int) -> (lines: [UInt8], count: Int) {
        let page = events.page(from: position, limit: limit)
        var lines: [UInt8] = []
        for event in page {
            let record = recipients[Int(event.recipient)]
            lines.append(
                contentsOf: """
                    {"at_ns":\(event.at),"outbox_id":\(JSONText.quoted(outboxID(of: record))),\
                    "ses_message_id":"\(record.messageID.text)","recipient":\(JSONText.quoted(address(of: record))),\
                    "type":"\(event.kind.name)","final":\(event.kind == record.last),"state":"\(event.state)"}

                    """.utf8
            )
        }
        return (lines, page.count)
    }
}
