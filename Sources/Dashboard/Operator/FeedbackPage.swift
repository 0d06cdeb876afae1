public import Directory
public import Foundation
public import Outbox

/// Where feedback comes from, what is missing or was kept aside, and the alarms that somebody has to look after.
public struct FeedbackPage: Sendable {
    let figures: [FeedbackFigures]
    let kept: [KeptFeedback]
    let alarms: [OperatorAlarm]
    /// By account, among its latest sends those that no word of SES's followed.
    let gaps: [String: FeedbackGaps.Count]
    let now: Date

    public init(
        figures: [FeedbackFigures],
        kept: [KeptFeedback],
        alarms: [OperatorAlarm],
        gaps: [String: FeedbackGaps.Count] = [:],
        now: Date
    ) {
        self.figures = figures
        self.kept = kept
        self.alarms = alarms
        self.gaps = gaps
        self.now = now
    }

    public var page: DashboardPage {
        DashboardPage(
            title: "Feedback",
            section: "/dashboard/feedback",
            body: """
                <h1>Feedback and alarms</h1>
                <section class="card" aria-labelledby="alarms-title"><h2 id="alarms-title">Alarms</h2>\(alarmList)</section>
                <section class="card" id="sources" data-part aria-labelledby="sources-title"><h2 id="sources-title">Where it comes from</h2>\(sources)</section>
                <section class="card" aria-labelledby="kept-title"><h2 id="kept-title">What could not be applied</h2>\(keptList)</section>
                """,
            refresh: 15
        )
    }

    private var alarmList: HTML {
        guard !alarms.isEmpty else { return "<p class=\"empty\">There is nothing to look after.</p>" }
        let rows = alarms.prefix(200).map { alarm -> [HTML] in
            let path = [alarm.account, alarm.kind, alarm.object].map { Words.segment($0) }.joined(separator: "/")
            return [
                "\(alarm.kind)", "\(alarm.account)", "\(alarm.object)", "\(alarm.detail)",
                "\(Words.number(alarm.times))",
                Words.age(alarm.lastAt, now: now),
                """
                <form data-api="DELETE /admin/alarms/\(path)" data-then="reload" data-done="Taken off the list."><button class="small quiet">\
                Done<span class="unseen"> with \(alarm.kind) \(alarm.object)</span></button></form>
                """,
            ]
        }
        return Table(
            "Alarms",
            [
                .text("Kind"), .text("Account"), .text("Object"), .text("What"), .number("Times"), .text("Last"),
                .text("Do"),
            ],
            rows: Array(rows)
        ).html
    }

    private var sources: HTML {
        let rows = figures.flatMap { figure -> [[HTML]] in
            let name = figure.account ?? "no account"
            let kept = figure.kept.values.reduce(0, +)
            guard !figure.sources.isEmpty else {
                return [["\(name)", Badge.html("none", .warn), "-", "-", "0", "\(Words.number(kept))", missing(name)]]
            }
            return figure.sources.map { source in
                [
                    "\(name)", "<span class=\"mono\">\(source.source)</span>",
                    source.endedAt != nil
                        ? Badge.html("ended", .bad)
                        : source.confirmedAt == nil && source.receivedAt == nil
                            ? Badge.html("not confirmed", .warn) : Badge.html("open", .good),
                    Words.age(source.eventAt, now: now), "\(Words.number(source.events))", "\(Words.number(kept))",
                    missing(name),
                ]
            }
        }
        guard !rows.isEmpty else { return "<p class=\"empty\">There is no account.</p>" }
        return Table(
            "Sources",
            [
                .text("Account"), .text("Source"), .text("State"), .text("Last event"), .number("Events"),
                .number("Kept aside"), .number("Sends without a word"),
            ],
            rows: rows
        ).html
    }

    private func missing(_ account: String) -> HTML {
        guard let gap = gaps[account] else { return "-" }
        let text: HTML = "\(Words.number(gap.missing)) of \(Words.number(gap.looked))"
        return gap.isLosing ? "\(text) \(Badge.html("missing", .warn))" : text
    }

    /// Without what came in, which may hold what somebody wrote: the API shows that to those who ask for it.
    private var keptList: HTML {
        guard !kept.isEmpty else { return "<p class=\"empty\">All that came in was applied.</p>" }
        let rows = kept.map { entry -> [HTML] in
            [
                "\(entry.reason)", "\(entry.account ?? "-")", "\(entry.detail)",
                "<span class=\"mono\">\(entry.source)</span>", Words.age(entry.at, now: now),
            ]
        }
        return Table(
            "Kept feedback",
            [.text("Reason"), .text("Account"), .text("Detail"), .text("Source"), .text("When")],
            rows: rows
        ).html
    }
}
