import Dashboard
import FoundationEssentials
import Mail
import Outbox

extension WeeklyReport {
    /// The report as `GET /reports/{week}` shows it.
    var json: JSONValue {
        .object([
            ("week", .string(week.description)),
            ("summary", .array(ReportWords(self).sentences.map(JSONValue.string))),
            ("counts", counts.json),
            ("days", .array(days.map(\.json))),
            ("earlier", .array(earlier.map(\.json))),
            ("troubles", .array(troubles.map(\.json))),
            ("complete", .bool(isComplete)),
            ("counted_until", .time(countedUntil)),
        ])
    }
}

extension WeeklyReport.Counts {
    fileprivate var json: JSONValue {
        .object([
            ("accepted", .number(accepted)), ("sent", .number(sent)), ("delivered", .number(delivered)),
            ("bounced", .number(bounced)), ("complained", .number(complained)),
        ])
    }
}

extension WeeklyReport.Trouble {
    fileprivate var json: JSONValue {
        .object([
            ("status", .string(status.rawValue)),
            ("count", .number(count)),
            ("is_part", .bool(isPart)),
            (
                "reasons",
                .array(
                    reasons.map { part in
                        .object([
                            ("name", .string(part.name)), ("count", .number(part.count)),
                            ("words", .string(TroubleWords.reason(part.name, status: status))),
                        ])
                    }
                )
            ),
            (
                "domains",
                .array(domains.map { .object([("name", .string($0.name)), ("count", .number($0.count))]) })
            ),
        ])
    }
}
