import Foundation
import Metrics
import Outbox

/// The gauges of what waits for an account, on the node that leads it. Shares beyond a bound are shown together.
struct BacklogGauges {
    private static let states = ["ready", "paused", "scheduled", "retrying", "unknown", "held"]

    private struct Figures {
        var counts = [0, 0, 0, 0, 0, 0]
        var readySince: Date?
    }

    let account: String
    private static let ofAccounts = [
        "sluice_unknown_oldest_seconds", "sluice_queue_overdue_seconds", "sluice_quota_daily_recipients",
        "sluice_quota_daily_used_recipients",
    ]

    /// What is shown now, so that a share that has nothing any more is shown with nothing.
    private var shown: Set<String> = []

    init(account: String) {
        self.account = account
    }

    mutating func show(_ backlog: Backlog, shares: [Int32: String], now: Date) {
        var figures: [String: Figures] = [:]
        for share in backlog.shares {
            let counts = [share.ready, share.paused, share.scheduled, share.retrying, share.unknown, share.held]
            let label = shares[share.shareID] ?? ShareLabel.others
            var sum = figures[label] ?? Figures()
            sum.counts = zip(sum.counts, counts).map(+)
            sum.readySince = [sum.readySince, share.readySince].compactMap { $0 }.min()
            figures[label] = sum
        }
        for label in shown.subtracting(figures.keys) { figures[label] = Figures() }
        for (label, sum) in figures { show(sum, share: label, now: now) }
        shown = Set(figures.keys)
        gauge("sluice_unknown_oldest_seconds").record(age(backlog.unknownSince, now))
        let due = backlog.shares.compactMap(\.nextDue).min()
        gauge("sluice_queue_overdue_seconds").record(age(due, now))
    }

    mutating func show(daily: DailyQuotaStore.Use) {
        gauge("sluice_quota_daily_recipients").record(Double(daily.most))
        gauge("sluice_quota_daily_used_recipients").record(Double(daily.used))
    }

    /// The term is over: another node says these things now.
    mutating func clear() {
        for share in shown {
            for state in Self.states { recipients(share, state).destroy() }
            oldest(share).destroy()
        }
        shown = []
        for label in Self.ofAccounts { gauge(label).record(0) }
    }

    /// The account is gone.
    static func forget(_ account: String) {
        let gauges = BacklogGauges(account: account)
        for label in ofAccounts { gauges.gauge(label).destroy() }
    }

    private func show(_ figures: Figures, share: String, now: Date) {
        for (state, count) in zip(Self.states, figures.counts) {
            recipients(share, state).record(count)
        }
        oldest(share).record(age(figures.readySince, now))
    }

    private func recipients(_ share: String, _ state: String) -> Gauge {
        Gauge(
            label: "sluice_queue_recipients",
            dimensions: [("account", account), ("share", share), ("state", state)]
        )
    }

    private func oldest(_ share: String) -> Gauge {
        Gauge(label: "sluice_queue_oldest_seconds", dimensions: [("account", account), ("share", share)])
    }

    /// 0 for what is not there, or lies ahead.
    private func age(_ since: Date?, _ now: Date) -> Double {
        since.map { max(0, now.timeIntervalSince($0)) } ?? 0
    }

    private func gauge(_ label: String) -> Gauge {
        Gauge(label: label, dimensions: [("account", account)])
    }
}
