extension SimulatorSummary {
    /// The answer of `GET /_simulator/summary`.
    var json: String {
        let totals = outcomes.sorted { $0.key < $1.key }.map { name, total in
            #""\#(name)":{"calls":\#(total.calls),"recipients":\#(total.recipients)}"#
        }
        return """
            {"accepted":\(accepted),"throttled":\(throttled),"max_in_one_second":\(maxInOneSecond),\
            "duplicates":\(duplicates),"unique_ids":\(uniqueIDs),"max_in_window":\(maxInWindow),"entries":\(entries),\
            "truncated":\(isTruncated),"sent_last_24_hours":\(sentLast24Hours),"outcomes":{\(totals.joined(separator: ","))}\(events.map { #","events":\#($0.json)"# } ?? "")}
            """
    }
}
