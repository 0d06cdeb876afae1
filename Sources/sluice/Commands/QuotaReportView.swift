import Dispatching
import Foundation
import Top

/// A report of `sluice verify-quota` as it is printed.
struct QuotaReportView: Encodable {
    struct Window: Encodable {
        let share: String
        let certainty: String
        let from: String
        let to: String
        let recipients: Int
        let limit: Int
    }

    struct Miss: Encodable {
        let share: String
        let from: String
        let to: String
        let least_in_10s: Int
        let guaranteed_in_10s: Double
    }

    /// As many are listed for people; JSON has all.
    private static let listed = 50

    let account: String
    let from: String
    let to: String
    let rate: Double
    let rate_source: String
    let window: Double
    let attempts: Int
    let recipients: Int
    let not_verifiable: Int
    let clock_error_ms: Double
    let certain: Int
    let possible: Int
    let windows: [Window]
    let guarantees_missed: [Miss]

    init(_ report: QuotaReport, account: String, from: Date, to: Date) {
        self.account = account
        self.from = Self.time(from)
        self.to = Self.time(to)
        rate = report.rate
        rate_source = report.rateSource
        window = report.window
        attempts = report.attempts
        recipients = report.recipients
        not_verifiable = report.notVerifiable
        clock_error_ms = (report.clockError * 1000).rounded() / 1000
        certain = report.windows.count { $0.isCertain }
        possible = report.windows.count - certain
        windows = report.windows.map { window in
            Window(
                share: window.share,
                certainty: window.isCertain ? "certain" : "possible",
                from: Self.time(window.from),
                to: Self.time(window.to),
                recipients: window.most,
                limit: window.limit
            )
        }
        guarantees_missed = report.misses.map { miss in
            Miss(
                share: miss.share,
                from: Self.time(miss.from),
                to: Self.time(miss.to),
                least_in_10s: miss.least,
                guaranteed_in_10s: (miss.guaranteed * 10).rounded() / 10
            )
        }
    }

    private static func time(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    func show() {
        Output.line("\(account), \(from) to \(to): \(attempts) attempts, \(recipients) recipients")
        Output.line(
            "held against \(RateText.text(rate))/s (\(rate_source)) in windows of \(RateText.text(window)) s; "
                + "ceilings and guarantees as they are now"
        )
        Output.line("the nodes' clocks are within \(clock_error_ms) ms of the database's")
        if not_verifiable > 0 {
            Output.line("\(not_verifiable) attempts are not verifiable: no clock sample is near them")
        }
        Output.line("windows over a limit: \(certain) certain, \(possible) possible")
        list(
            ["", "SHARE", "FROM", "TO", "RECIPIENTS", "LIMIT"],
            windows.map { [$0.certainty, name($0.share), $0.from, $0.to, "\($0.recipients)", "\($0.limit)"] }
        )
        Output.line("guarantees missed: \(guarantees_missed.count)")
        list(
            ["SHARE", "FROM", "TO", "LEAST IN 10 S", "GUARANTEED"],
            guarantees_missed.map {
                [name($0.share), $0.from, $0.to, "\($0.least_in_10s)", RateText.text($0.guaranteed_in_10s)]
            }
        )
    }

    private func list(_ heading: [String], _ rows: [[String]]) {
        guard !rows.isEmpty else { return }
        Output.table(heading, Array(rows.prefix(Self.listed)))
        if rows.count > Self.listed { Output.line("and \(rows.count - Self.listed) more: --json lists all") }
    }

    private func name(_ share: String) -> String { share.isEmpty ? "(account)" : share }
}
