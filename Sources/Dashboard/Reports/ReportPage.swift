import Mail
public import Outbox

/// A weekly report as a page, on the screen and on paper.
public struct ReportPage: Sendable {
    let report: WeeklyReport
    let tenant: String
    /// The frame's link that this is below, and where reports are: `/dashboard/reports`.
    let section: String
    let path: String
    /// The last week that is over.
    let last: ReportWeek

    public init(_ report: WeeklyReport, tenant: String, section: String, path: String, last: ReportWeek) {
        self.report = report
        self.tenant = tenant
        self.section = section
        self.path = path
        self.last = last
    }

    public var page: DashboardPage {
        let words = ReportWords(report)
        let sentences = words.sentences
        let next = report.week.moved(1)
        let newer: HTML? =
            next > last.moved(1) ? nil : "<a class=\"button quiet\" href=\"\(path)/\(next.description)\">Next week</a>"
        return DashboardPage(
            title: "Report \(report.week.description)",
            section: section,
            body: """
                <div class="head"><h1>Week of \(words.period)</h1><span class="push no-print">
                <a class="button quiet" href="\(path)/\(report.week.moved(-1).description)">Week before</a> \(newer)
                <button type="button" class="quiet" data-print>Print</button></span></div>
                <section class="card lead"><p class="big">\(sentences[0]) \(VerdictBadge.html(words.verdict))</p>
                \(sentences.dropFirst().map { sentence -> HTML in "<p>\(sentence)</p>" })
                </section>
                <div class="columns">
                <section class="card"><h2>In figures</h2>\(figures(words))</section>
                \(charts(words))
                </div>
                \(troubles)
                <p class="soft">\(tenant), \(report.week.description). Counted in recipients, Monday to Sunday in UTC.</p>
                """
        )
    }

    private func figures(_ words: ReportWords) -> HTML {
        let rows = words.lines.map { line -> [HTML] in
            let rate: HTML = line.rate.map { " <span class=\"soft\">\(Figure.percent($0))</span>" } ?? .empty
            return [
                "\(line.name)", "<strong>\(Words.number(line.count))</strong>\(rate)",
                "\(line.before.map { Words.number($0) } ?? "")",
                "\(line.usual.map { Words.number(Int($0.rounded())) } ?? "")",
            ]
        }
        return Table(
            "The week in figures",
            [.text("Recipients"), .number("This week"), .number("Week before"), .number("Usually")],
            rows: rows
        ).html
    }

    private func charts(_ words: ReportWords) -> HTML {
        guard words.weekBars.contains(where: { $0.value > 0 }) else { return .empty }
        let days: HTML? = report.counts.sent > 0 ? "<h2>Sent by day</h2>\(self.days(words))" : nil
        return "<section class=\"card\">\(days)<h2>Sent by week</h2>\(weeks(words))</section>"
    }

    private func days(_ words: ReportWords) -> HTML {
        let bars = report.days.enumerated().map { index, day in
            BarChart.Bar(name: words.day(index), value: day.sent, part: day.bounced)
        }
        return BarChart(title: "Sent by day", bars: bars, partName: "bounced").html
    }

    private func weeks(_ words: ReportWords) -> HTML {
        BarChart(
            title: "Sent by week",
            bars: words.weekBars.map { .init(name: $0.name, value: $0.value, isPale: !$0.isNow) }
        ).html
    }

    private var troubles: HTML {
        guard !report.troubles.isEmpty else { return .empty }
        let parts = report.troubles.map { trouble -> HTML in
            let reasons = trouble.reasons.map { reason -> HTML in
                "<li><strong>\(Words.number(reason.count))</strong> \(TroubleWords.reason(reason.name, status: trouble.status))</li>"
            }
            let domains = trouble.domains.map { "\($0.name) (\(Words.number($0.count)))" }.joined(separator: ", ")
            let places: HTML = domains.isEmpty ? .empty : "<p class=\"soft\">Most at \(domains)</p>"
            let advice: HTML = TroubleWords.advice(trouble.status).map { "<p class=\"soft\">\($0)</p>" } ?? .empty
            return """
                <article class="card"><h3>\(trouble.shown) &middot; \(TroubleWords.title(trouble.status))</h3>
                <ul class="listing">\(reasons)</ul>\(places)\(advice)</article>
                """
        }
        return """
            <h2>What did not arrive, of the mail accepted in this week</h2>
            <div class="cards">\(parts)</div>
            """
    }
}

/// How a week was, in two words.
enum VerdictBadge {
    static func html(_ verdict: ReportWords.Verdict) -> HTML {
        switch verdict {
        case .quiet: .empty
        case .good: Badge.html("all well", .good)
        case .look: Badge.html("look at this", .warn)
        case .act: Badge.html("act now", .bad)
        }
    }
}

/// The weeks of which there are reports.
public struct ReportsPage: Sendable {
    let reports: [WeeklyReport]
    let settings: String?
    let path: String

    /// - Parameters:
    ///   - reports: newest first.
    ///   - settings: who gets it by mail, in words; nil: nobody.
    public init(reports: [WeeklyReport], settings: String?, path: String) {
        self.reports = reports
        self.settings = settings
        self.path = path
    }

    public var page: DashboardPage {
        let rows = reports.map { report -> [HTML] in
            let words = ReportWords(report)
            let counts = report.counts
            let state = report.isComplete ? VerdictBadge.html(words.verdict) : Badge.html("under way", .plain)
            return [
                "<a href=\"\(path)/\(report.week.description)\">\(words.period)</a>", "\(Words.number(counts.sent))",
                "\(counts.deliveryRate.map { Figure.percent(min($0, 100)) } ?? "")",
                "\(counts.bounceRate.map { Figure.percent($0) } ?? "")",
                "\(counts.complaintRate.map { Figure.percent($0) } ?? "")", state,
            ]
        }
        let mailed: HTML =
            settings.map { "It is mailed on Monday morning to \($0)." }
            ?? "Nobody gets it by mail. The operator of the gateway can set who does."
        return DashboardPage(
            title: "Reports",
            section: "/dashboard/reports",
            body: """
                <h1>Weekly reports</h1>
                <p class="soft">\(mailed)</p>
                <section class="card">\(Table(
                    "Weeks, newest first",
                    [.text("Week"), .number("Sent"), .number("Delivered"), .number("Bounced"), .number("Complaints"), .text("")],
                    rows: rows
                ).html)</section>
                """
        )
    }
}
