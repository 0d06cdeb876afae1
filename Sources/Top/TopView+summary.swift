import Foundation

extension TopView {
    /// A line for each account and one for the whole, for files and pipes: one `name=value` after the other.
    public static func summary(_ picture: TopPicture) -> [String] {
        let time = picture.at.formatted(.iso8601)
        let accounts = picture.accounts.map { account in
            let state = [
                account.isPaused ? "paused" : nil, account.parked.map { "parked:\($0)" }, account.isCut ? "cut" : nil,
            ].compactMap(\.self)
            return line(
                time,
                [
                    ("account", account.name), ("used", RateText.text(account.used)),
                    ("quota", account.rateInForce.map(RateText.text) ?? "-"), ("credits", "\(account.granted)"),
                    ("waiting", "\(account.shares.reduce(0) { $0 + $1.waiting })"),
                    ("oldest", seconds(account.shares.compactMap(\.oldestAt).min(), picture.at)),
                    ("leader", account.leader ?? "-"), ("state", state.isEmpty ? "ok" : state.joined(separator: ",")),
                ]
            )
        }
        let outcomes = picture.outcomes
        func count(_ number: Int?) -> String { number.map(String.init) ?? "-" }
        let whole = line(
            time,
            [
                ("nodes", "\(picture.nodes.count)"), ("waiting", "\(picture.waiting)"),
                ("oldest", seconds(picture.oldestAt, picture.at)), ("lanes", "\(picture.lanes.count)"),
                ("sent_1m", "\(outcomes.sent)"), ("unknown_1m", "\(outcomes.unknown)"),
                ("throttled_1m", count(outcomes.throttled)), ("bounced_1m", count(outcomes.bounced)),
                ("complained_1m", count(outcomes.complained)), ("webhooks_failing", "\(picture.webhooks.count)"),
            ]
        )
        return accounts + [whole]
    }

    private static func line(_ time: String, _ fields: [(String, String)]) -> String {
        StyledLine(([time] + fields.map { "\($0.0)=\($0.1)" }).joined(separator: " ")).text
    }

    private static func seconds(_ date: Date?, _ now: Date) -> String {
        date.map { "\(Int(max(0, now.timeIntervalSince($0))))s" } ?? "-"
    }
}
