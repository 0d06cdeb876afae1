import Directory
import Reputation

extension Standing {
    /// What a tenant sees of itself.
    var members: [(String, JSONValue)] {
        [
            ("account", .string(account)),
            ("state", .string(state.rawValue)),
            ("reason", .string(reason)),
            ("since", .time(since)),
            ("windows", .object(CountWindow.allCases.map { ($0.rawValue, (counts[$0] ?? MailCounts()).json) })),
            ("thresholds", thresholds.json),
        ]
    }

    /// What an operator sees.
    var adminJSON: JSONValue {
        let own: [(String, JSONValue)] = [("id", .string(id)), ("tenant", .string(tenant))]
        return .object(own + members)
    }

    /// Its place in the operator's list: an account's own goes before its tenants'.
    var id: String { tenant.map { "\(account)/\($0)" } ?? account }
}

extension MailCounts {
    fileprivate var json: JSONValue {
        .object([
            ("sent", .number(sent)),
            ("bounced", .number(bounced)),
            ("complained", .number(complained)),
            ("bounce_rate", .decimal(Self.rounded(bounceRate))),
            ("complaint_rate", .decimal(Self.rounded(complaintRate))),
        ])
    }

    /// Percent, to three places behind the point.
    private static func rounded(_ rate: Double) -> Double { (rate * 1000).rounded() / 1000 }
}

extension ReputationThresholds {
    /// As configured.
    var json: JSONValue {
        .object([
            ("bounce", bounce.json),
            ("complaint", complaint.json),
            ("minimum_sent", .number(minimumSent)),
            ("slow_rate", .number(slowRate)),
        ])
    }
}

extension ReputationThresholds.Levels {
    fileprivate var json: JSONValue {
        .object([("warn", .decimal(warn)), ("slow", .decimal(slow)), ("pause", .decimal(pause))])
    }
}
