import Directory

/// A share tree as `GET` shows it: what is configured, in the members that `PUT` takes, and in `live` what happens now.
///
/// A share's figures are its own lanes', and `own` those of the lanes that lead to the account itself; only the account's
/// `live` sums up.
struct ShareTreeView {
    let account: Account
    let figures: AccountFigures

    func json(changes: AccountChange? = nil) -> JSONValue {
        let live = Dictionary(figures.shares.map { ($0.path, $0) }) { first, _ in first }
        var members: [(String, JSONValue)] = [
            ("account", .string(account.name)),
            ("version", .number(account.version)),
            ("quota", account.quota.json),
            ("live", figures.json),
            ("own", figures.shares.first { $0.path.isEmpty }.map { .object($0.members) } ?? .null),
            ("shares", Self.json(account.shareViews, live)),
        ]
        if let changes { members.append(("changes", changes.list)) }
        return .object(members)
    }

    private static func json(_ shares: [ShareView], _ live: [String: ShareFigures]) -> JSONValue {
        .object(
            shares.map { share in
                var members: [(String, JSONValue)] = [
                    ("rate", .number(share.rate)),
                    ("ceiling", .number(share.ceiling)),
                    ("weight", .number(share.weight)),
                    ("lend", .bool(share.lend)),
                    ("live", live[share.path].map { .object($0.members) } ?? .null),
                ]
                if !share.children.isEmpty { members.append(("shares", json(share.children, live))) }
                return (share.name, .object(members))
            }
        )
    }
}

extension AccountFigures {
    /// The account's figures, and the sums of its shares'.
    var json: JSONValue {
        .object(
            [
                ("rate", rate.map(JSONValue.decimal) ?? .null),
                ("leader", .string(leader)),
                ("epoch", epoch.map(JSONValue.number) ?? .null),
                ("parked", .string(parked)),
                ("parked_detail", .string(parkedDetail)),
                ("sandbox", ses.isSandbox.map(JSONValue.bool) ?? .null),
                ("sending_enabled", ses.isSendingEnabled.map(JSONValue.bool) ?? .null),
                ("daily_quota", ses.daily.map(JSONValue.number) ?? .null),
                ("used_24h", .number(ses.used)),
            ] + total.members
        )
    }

    private var total: ShareFigures {
        func sum(_ path: KeyPath<ShareFigures, Int>) -> Int { shares.reduce(0) { $0 + $1[keyPath: path] } }
        return ShareFigures(
            path: "",
            granted: sum(\.granted),
            held: sum(\.held),
            wanted: sum(\.wanted),
            borrowed: sum(\.borrowed),
            lent: sum(\.lent),
            used: shares.reduce(0) { $0 + $1.used },
            backlog: sum(\.backlog),
            oldestAt: shares.compactMap(\.oldestAt).min()
        )
    }
}

extension ShareFigures {
    var members: [(String, JSONValue)] {
        [
            ("granted", .number(granted)),
            ("held", .number(held)),
            ("wanted", .number(wanted)),
            ("used", .decimal(used)),
            ("borrowed", .number(borrowed)),
            ("lent", .number(lent)),
            ("backlog", .number(backlog)),
            ("oldest_at", .time(oldestAt)),
        ]
    }
}
