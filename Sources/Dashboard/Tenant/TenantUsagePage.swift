import Foundation
public import Outbox

/// What a tenant used by day.
public struct TenantUsagePage: Sendable {
    let usage: Usage
    let first: String
    let last: String

    public init(usage: Usage, first: String, last: String) {
        self.usage = usage
        self.first = first
        self.last = last
    }

    private struct Day {
        let day: String
        var counts = WeeklyReport.Counts()
    }

    public var page: DashboardPage {
        let days = days
        return DashboardPage(
            title: "Usage",
            section: "/dashboard/usage",
            body: """
                <h1>Usage</h1>
                <section class="card">
                <form class="filters" action="/dashboard/usage">
                \(Fields.text("from", "From day (UTC)", first, type: "date"))\(Fields.text("to", "To day", last, type: "date"))
                <button>Show</button></form>
                \(usage.days.isEmpty ? "<p class=\"empty\">Nothing was used in these days.</p>" : content(days))
                <p class="soft">Counted in recipients, \(until). Days are days in UTC.</p>
                </section>
                """
        )
    }

    private var until: HTML {
        guard let until = usage.countedUntil else { return "of which none were counted yet" }
        return "up to \(Words.time(until)) UTC"
    }

    private func content(_ days: [Day]) -> HTML {
        let sum = days.reduce(into: WeeklyReport.Counts()) { $0 += $1.counts }
        let rows = usage.days.map { day -> [HTML] in
            [
                "\(day.day)", "\(day.region)", "\(Words.number(day.accepted))", "\(Words.number(day.sent))",
                "\(Words.number(day.delivered))", "\(Words.number(day.bounced))", "\(Words.number(day.complained))",
            ]
        }
        let more: HTML? = usage.hasMore ? "<p class=\"soft\">There is more: ask for fewer days.</p>" : nil
        return """
            \(CountStats.html(sum))
            \(BarChart(
                title: "Sent by day",
                bars: days.map { .init(name: String($0.day.suffix(5)), value: $0.counts.sent, part: $0.counts.bounced) },
                partName: "bounced"
            ).html)
            <details id="table" open><summary>As a table</summary>
            \(Table(
                "Usage by day and region",
                [
                    .text("Day"), .text("Region"), .number("Accepted"), .number("Sent"), .number("Delivered"),
                    .number("Bounced"), .number("Complaints"),
                ],
                rows: rows
            ).html)\(more)</details>
            """
    }

    /// Oldest first, all regions together, those without mail between the first one with some and the last day too.
    private var days: [Day] {
        guard let oldest = usage.days.last?.day, let start = Self.date(oldest), let end = Self.date(last) else {
            return []
        }
        var counts: [String: WeeklyReport.Counts] = [:]
        for day in usage.days {
            counts[day.day, default: .init()] += WeeklyReport.Counts(
                accepted: day.accepted,
                sent: day.sent,
                delivered: day.delivered,
                bounced: day.bounced,
                complained: day.complained
            )
        }
        let from = Self.date(first).map { max($0, end.addingTimeInterval(-Self.most * 86_400)) } ?? start
        return stride(from: min(from, start), through: max(end, start), by: 86_400).map { date in
            let day = date.formatted(.iso8601.year().month().day())
            return Day(day: day, counts: counts[day] ?? .init())
        }
    }

    /// Days before which a chart does not begin without mail.
    private static let most = 60.0

    private static func date(_ day: String) -> Date? { try? Date("\(day)T00:00:00Z", strategy: .iso8601) }
}

/// The five figures of mail side by side.
enum CountStats {
    static func html(_ counts: WeeklyReport.Counts) -> HTML {
        func rate(_ value: Double?) -> HTML { value.map { " <small>\(Figure.percent($0))</small>" } ?? .empty }
        return Stats.html([
            ("Accepted", "\(Words.number(counts.accepted))"), ("Sent", "\(Words.number(counts.sent))"),
            ("Delivered", "\(Words.number(counts.delivered))"),
            ("Bounced", "\(Words.number(counts.bounced))\(rate(counts.bounceRate))"),
            ("Complaints", "\(Words.number(counts.complained))\(rate(counts.complaintRate))"),
        ])
    }
}
