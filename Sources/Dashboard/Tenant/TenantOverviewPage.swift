public import Directory
public import Identities
import Mail
public import Outbox
public import Reputation

public import struct Foundation.Date

/// What a tenant sees first: today, how it stands, what waits and why, and what to look at.
public struct TenantOverviewPage: Sendable {
    /// One of its ways out.
    public struct LaneLine: Sendable {
        let region: String
        let stream: String
        let rate: LaneRate?
        let depth: QueueDepth?

        public init(region: String, stream: String, rate: LaneRate?, depth: QueueDepth?) {
            self.region = region
            self.stream = stream
            self.rate = rate
            self.depth = depth
        }
    }

    /// What is read for it.
    public struct Figures: Sendable {
        let today: WeeklyReport.Counts
        let countedUntil: Date?
        let lanes: [LaneLine]
        let standings: [Standing]
        let senders: [SenderView]
        let lastWeek: WeeklyReport

        public init(
            today: WeeklyReport.Counts,
            countedUntil: Date?,
            lanes: [LaneLine],
            standings: [Standing],
            senders: [SenderView],
            lastWeek: WeeklyReport
        ) {
            self.today = today
            self.countedUntil = countedUntil
            self.lanes = lanes
            self.standings = standings
            self.senders = senders
            self.lastWeek = lastWeek
        }
    }

    let tenant: Tenant
    /// Nil: the key may not read.
    let figures: Figures?
    let now: Date

    public init(tenant: Tenant, figures: Figures?, now: Date) {
        self.tenant = tenant
        self.figures = figures
        self.now = now
    }

    public var page: DashboardPage {
        let paused: HTML? =
            tenant.status == .paused
            ? "<p class=\"note bad\">You are paused: nothing is accepted until the operator of the gateway resumes you.</p>"
            : nil
        let body: HTML =
            figures.map(shown) ?? """
                <p class="note">This key may not read messages and figures (scope <code>read</code>). What it may do is in the menu.</p>
                """
        return DashboardPage(
            title: "Overview",
            section: "/dashboard",
            body: "<h1>\(tenant.displayName ?? tenant.name)</h1>\(paused)\(body)",
            refresh: figures == nil ? nil : 5
        )
    }

    private func shown(_ figures: Figures) -> HTML {
        """
        <section class="card" aria-labelledby="today"><div class="head"><h2 id="today">Today</h2>
        <span class="soft push">since midnight UTC, in recipients</span></div>
        <div id="figures" data-part>\(CountStats.html(figures.today))</div></section>
        <div class="columns">
        <section class="card" aria-labelledby="waits"><h2 id="waits">What waits, and why</h2>
        <div id="waiting" data-part>\(waiting(figures))</div></section>
        <section class="card" aria-labelledby="standing"><h2 id="standing">How you stand</h2>
        <div id="standings" data-part>\(standings(figures.standings))</div></section>
        <section class="card" aria-labelledby="week"><h2 id="week">Last week</h2>\(lastWeek(figures.lastWeek))</section>
        <section class="card" aria-labelledby="senders"><h2 id="senders">Senders</h2>
        <div id="domains" data-part>\(senders(figures.senders))</div></section>
        </div>
        """
    }

    private func waiting(_ figures: Figures) -> HTML {
        let rows = figures.lanes.map { lane -> [HTML] in
            let state: HTML =
                lane.rate?.blocker.map {
                    Badge.html(WaitingWords.short($0), $0 == .paused || $0 == .dailyQuota ? .bad : .warn)
                } ?? Badge.html("open", .good)
            let later: HTML? = lane.depth.flatMap { depth in
                depth.deferred > 0 ? " <small class=\"soft\">+ \(Self.count(depth.deferred)) later</small>" : nil
            }
            return [
                "\(lane.region == "*" ? "every other" : lane.region), \(lane.stream)",
                "\(Self.count(lane.depth?.ready ?? 0))\(later)", "\(Words.decimal(lane.rate?.rate ?? 0))/s", state,
            ]
        }
        let isIdle = figures.lanes.allSatisfy { $0.depth.map { $0.ready + $0.deferred } ?? 0 == 0 }
        let words: HTML =
            isIdle
            ? "<p>Nothing waits: all of your mail has been taken.</p>"
            : """
            <p><a href="/dashboard/messages?status=queued">What is queued</a>, and each message says why it waits.
            Later is what is scheduled, tried again, or held after an unknown outcome.</p>
            """
        let table = Table(
            "Your ways out",
            [.text("Region, stream"), .number("Waits"), .number("Rate now"), .text("State")],
            rows: rows
        )
        return "\(words)\(table.html)"
    }

    private static func count(_ count: Int) -> String {
        count > UsageReader.mostWaiting ? "over \(Words.number(UsageReader.mostWaiting))" : Words.number(count)
    }

    private func standings(_ standings: [Standing]) -> HTML {
        guard !standings.isEmpty else { return "<p class=\"empty\">Nothing is counted yet.</p>" }
        return "\(standings.map(standing))"
    }

    private func standing(_ standing: Standing) -> HTML {
        let (words, tone): (String, Badge.Tone) =
            switch standing.state {
            case .ok: ("all is well", .good)
            case .warned: ("be careful", .warn)
            case .slowed: ("slowed down", .bad)
            case .paused: ("paused", .bad)
            }
        let counts = standing.counts[.volume] ?? MailCounts()
        let reason: HTML? = standing.reason.map { "<p>\($0)</p>" }
        return """
            <div class="standing"><div class="row"><strong>\(standing.account)</strong> \(Badge.html(words, tone))</div>\(reason)
            <dl class="facts"><dt>Bounces</dt><dd>\(Figure.percent(counts.bounceRate)) \
            <span class="soft">you are warned from \(Figure.percent(standing.thresholds.bounce.warn)), paused from \(Figure.percent(standing.thresholds.bounce.pause))</span></dd>
            <dt>Complaints</dt><dd>\(Figure.percent(counts.complaintRate)) \
            <span class="soft">warned from \(Figure.percent(standing.thresholds.complaint.warn)), paused from \(Figure.percent(standing.thresholds.complaint.pause))</span></dd></dl>
            <p class="soft">Of the last \(Words.number(counts.sent)) mails.</p></div>
            """
    }

    private func lastWeek(_ report: WeeklyReport) -> HTML {
        let words = ReportWords(report)
        return """
            <p><a href="/dashboard/reports/\(report.week.description)">\(words.period)</a></p>
            \(words.sentences.map { sentence -> HTML in "<p>\(sentence)</p>" })
            """
    }

    private func senders(_ senders: [SenderView]) -> HTML {
        let items = senders.map { view -> HTML in
            let first = view.accounts.flatMap(\.report.missing).first
            let missing: HTML? = first.map { "<br><span class=\"soft\">\($0)</span>" }
            return
                "<li>\(view.sender.isAddress ? view.sender.text : view.look.text) \(TenantDomainsPage.badge(view.standing))\(missing)</li>"
        }
        return items.isEmpty
            ? "<p class=\"empty\">No sender is allowed to you yet.</p>"
            : "<ul class=\"listing\">\(items)</ul><p><a href=\"/dashboard/domains\">What to publish in DNS</a></p>"
    }
}
