import Directory
import Foundation
import Top

/// An account's share tree with what happens now, as `sluice shares` shows it.
struct ShareReport: Encodable {
    struct Line: Encodable {
        let path: String
        /// What is configured; nil for the account itself.
        let rate: Int?
        /// nil: the parent's.
        let ceiling: Int?
        let weight: Int?
        let lend: Bool?
        let granted: Int
        let held: Int
        let wanted: Int
        let used: Double
        let borrowed: Int
        let lent: Int
        let backlog: Int
        let oldest_at: Date?
    }

    let account: String
    let version: Int64
    let paused: Bool
    /// Recipients a second as configured; nil: as SES says.
    let quota: Double?
    let rate_in_force: Double?
    let leader: String?
    let epoch: Int64?
    let parked: String?
    let parked_detail: String?
    let sandbox: Bool?
    let sending_enabled: Bool?
    /// Of 24 hours, as SES says; nil for an account with a quota of its own.
    let daily_quota: Int64?
    let used_24h: Int64
    let shares: [Line]

    init(_ account: Account, _ figures: AccountFigures) {
        self.account = account.name
        version = account.version
        paused = account.isPaused
        if case .fixed(let rate, _, _) = account.quota { quota = rate } else { quota = nil }
        rate_in_force = figures.rate
        leader = figures.leader
        epoch = figures.epoch
        parked = figures.parked
        parked_detail = figures.parkedDetail
        sandbox = figures.ses.isSandbox
        sending_enabled = figures.ses.isSendingEnabled
        daily_quota = figures.ses.daily
        used_24h = figures.ses.used
        let configured = Dictionary(
            uniqueKeysWithValues: account.shareViews.flatMap(Self.flatten).map { ($0.path, $0) }
        )
        shares = figures.shares.map { Line(configured[$0.path], $0) }
    }

    private static func flatten(_ share: ShareView) -> [ShareView] { [share] + share.children.flatMap(flatten) }

    func show() {
        Output.line(([heading] + trouble).joined(separator: "; "))
        Output.table(
            [
                "SHARE", "RATE", "CEILING", "WEIGHT", "LEND", "GRANTED", "USED", "BORROWED", "LENT", "BACKLOG",
                "OLDEST",
            ],
            shares.map(\.cells) + [total]
        )
    }

    private var total: [String] {
        func sum(_ figure: KeyPath<Line, Int>) -> String { "\(shares.reduce(0) { $0 + $1[keyPath: figure] })" }
        let used = RateText.text(shares.reduce(0) { $0 + $1.used })
        return [
            "total", "", "", "", "", sum(\.granted), used, sum(\.borrowed), sum(\.lent), sum(\.backlog),
            AgeText.since(shares.compactMap(\.oldest_at).min()),
        ]
    }

    private var heading: String {
        let configured = quota.map { "quota \(RateText.text($0))/s" } ?? "quota auto"
        let inForce = rate_in_force.map { "\(RateText.text($0))/s in force" } ?? "not known yet"
        let led = leader.map { "led by \($0) (epoch \(epoch ?? 0))" } ?? "nobody leads it"
        return "\(account): \(configured), \(inForce), \(led)"
    }

    private var trouble: [String] {
        (paused ? ["PAUSED by its operator"] : []) + (sandbox == true ? ["in SES's SANDBOX"] : [])
            + (sending_enabled == false ? ["SES has DISABLED sending"] : [])
            + (parked.map { ["PARKED, \($0)" + (parked_detail.map { ": \($0)" } ?? "")] } ?? [])
    }
}

extension ShareReport.Line {
    fileprivate init(_ share: ShareView?, _ figures: ShareFigures) {
        path = figures.path
        rate = share?.rate
        ceiling = share?.ceiling
        weight = share?.weight
        lend = share?.lend
        granted = figures.granted
        held = figures.held
        wanted = figures.wanted
        used = figures.used
        borrowed = figures.borrowed
        lent = figures.lent
        backlog = figures.backlog
        oldest_at = figures.oldestAt
    }

    fileprivate var cells: [String] {
        let configured: [String] =
            if let rate, let weight, let lend {
                [
                    "\(rate)", ceiling.map { "\($0)" } ?? "parent", "\(weight)", lend ? "yes" : "no",
                ]
            } else {
                ["", "", "", ""]
            }
        return [name] + configured + [
            "\(granted)", RateText.text(used), "\(borrowed)", "\(lent)", "\(backlog)", AgeText.since(oldest_at),
        ]
    }

    /// The last part of the path, as far in as it is deep.
    private var name: String {
        if path.isEmpty { return "(account)" }
        let parts = path.split(separator: "/")
        return String(repeating: "  ", count: parts.count - 1) + (parts.last.map { String($0) } ?? path)
    }
}
