public import Directory
public import Foundation
public import Outbox
public import Reputation
public import Webhooks

/// What an operator sees first: whether all is well, and what each account does.
public struct OverviewPage: Sendable {
    public struct AccountLine: Sendable {
        let account: Account
        let figures: AccountFigures

        public init(account: Account, figures: AccountFigures) {
            self.account = account
            self.figures = figures
        }
    }

    let accounts: [AccountLine]
    /// Accounts that there are besides those.
    let more: Int
    let nodes: [NodeFigures]
    let alarms: [OperatorAlarm]
    let findings: [StorageFinding]
    let standings: [Standing]
    let webhooks: [FailingEndpoint]
    /// By account, among its latest sends those that no word of SES's followed.
    let gaps: [String: FeedbackGaps.Count]
    let now: Date

    public init(
        accounts: [AccountLine],
        more: Int,
        nodes: [NodeFigures],
        alarms: [OperatorAlarm],
        findings: [StorageFinding],
        standings: [Standing],
        webhooks: [FailingEndpoint] = [],
        gaps: [String: FeedbackGaps.Count] = [:],
        now: Date
    ) {
        self.accounts = accounts
        self.more = more
        self.nodes = nodes
        self.alarms = alarms
        self.findings = findings
        self.standings = standings
        self.webhooks = webhooks
        self.gaps = gaps
        self.now = now
    }

    public var page: DashboardPage {
        DashboardPage(
            title: "Overview",
            section: "/dashboard",
            body: "<h1>Overview</h1>\n\(health)\n\(cards)",
            live: "/dashboard/live/overview"
        )
    }

    public var parts: [LivePart] { [LivePart(id: "health", health), LivePart(id: "accounts", cards)] }

    // MARK: Health

    private var health: HTML {
        let notes = troubles
        let verdict: HTML =
            notes.isEmpty
            ? Badge.html("All is well", .good)
            : Badge.html(Words.count(notes.count, "thing to look at", "things to look at"), .warn)
        let list: HTML? = notes.isEmpty ? nil : "<ul class=\"changes\">\(notes)</ul>"
        return """
            <section id="health" class="card" aria-labelledby="health-title">
            <div class="head"><h2 id="health-title">Health</h2>\(verdict)
            <span class="push soft"><a href="/dashboard/nodes">\(Words.count(nodes.count, "node", "nodes"))</a></span></div>
            \(list)
            </section>
            """
    }

    private var troubles: [HTML] {
        var notes: [HTML] = []
        if nodes.allSatisfy({ !$0.roles.contains("dispatch") }) {
            notes.append("<li>No node with the role <code>dispatch</code> lives: nothing is sent.</li>")
        }
        for line in accounts {
            let link: HTML = "<a href=\"\(AccountLink.path(line.account.name))\">\(line.account.name)</a>"
            if line.account.isPaused { notes.append("<li>Account \(link) is paused by an operator.</li>") }
            if let parked = line.figures.parked {
                notes.append(
                    "<li>Account \(link) sends nothing: \(parked)\(line.figures.parkedDetail.map { ", \($0)" } ?? "").</li>"
                )
            }
            if line.figures.leader == nil, line.figures.shares.contains(where: { $0.backlog > 0 }) {
                notes.append("<li>Account \(link) has mail and no leader.</li>")
            }
        }
        if !alarms.isEmpty {
            notes.append(
                "<li><a href=\"/dashboard/feedback\">\(Words.count(alarms.count, "alarm", "alarms"))</a> to look after.</li>"
            )
        }
        let harmed = standings.filter { $0.state >= .slowed }.count
        if harmed > 0 {
            notes.append(
                "<li><a href=\"/dashboard/reputation\">\(Words.count(harmed, "standing", "standings"))</a> slowed or paused.</li>"
            )
        }
        for (account, gap) in gaps.sorted(by: { $0.key < $1.key }) where gap.isLosing {
            notes.append(
                """
                <li>SES says nothing of \(Words.number(gap.missing)) of the last \(Words.number(gap.looked)) sends of account \
                \(account): look at its <a href="/dashboard/feedback">feedback</a>.</li>
                """
            )
        }
        if !webhooks.isEmpty {
            notes.append(
                "<li><a href=\"/dashboard/webhooks\">\(Words.count(webhooks.count, "webhook", "webhooks"))</a> failing or disabled for it.</li>"
            )
        }
        for finding in findings.prefix(10) { notes.append("<li>\(finding.detail)</li>") }
        return notes
    }

    // MARK: Accounts

    private var cards: HTML {
        guard !accounts.isEmpty else {
            return """
                <section id="accounts" class="card"><h2>Accounts</h2><p class="empty">There is no account yet. \
                <code>sluice apply FILE</code> or <code>PUT /admin/accounts/NAME</code> makes one.</p></section>
                """
        }
        let rest: HTML? =
            more > 0 ? "<p class=\"soft\">And \(more) more: <code>GET /admin/accounts</code> lists them.</p>" : nil
        return """
            <section id="accounts" aria-labelledby="accounts-title"><h2 id="accounts-title" class="unseen">Accounts</h2>
            <div class="cards">\(accounts.map(card))</div>\(rest)</section>
            """
    }

    private func card(_ line: AccountLine) -> HTML {
        let (account, figures) = (line.account, line.figures)
        let used = figures.shares.reduce(0) { $0 + $1.used }
        let backlog = figures.shares.reduce(0) { $0 + $1.backlog }
        let lent = figures.shares.reduce(0) { $0 + $1.lent }
        let oldest = figures.shares.compactMap(\.oldestAt).min()
        let rate = figures.rate
        let quota: HTML =
            rate.map { "<small>of \(Words.decimal($0))/s</small>" } ?? "<small>quota not known yet</small>"
        let meter: HTML? = rate.map { rate in
            """
            <meter min="0" max="\(Words.decimal(max(rate, 1)).replacing(",", with: ""))" value="\(Int(min(used, rate)))" \
            aria-label="Share of the quota in use"></meter>
            """
        }
        return """
            <article class="card">
            <div class="head"><h3><a href="\(AccountLink.path(account.name))">\(account.name)</a></h3>\
            \(AccountLink.state(account, figures))<span class="push soft">\(account.awsRegion)</span></div>
            \(Stats.html([
                ("Sending", "\(Words.decimal(used))/s \(quota)"),
                ("Waiting", "\(Words.number(backlog)) \(oldest.map { "<small>oldest \(Words.duration(now.timeIntervalSince($0)))</small>" })"),
                ("Lent", "\(Words.number(lent))"),
                ("24 hours", "\(Words.number(figures.ses.used))"),
            ]))
            \(meter)
            </article>
            """
    }
}

/// What pages say of an account beside its name.
enum AccountLink {
    static func path(_ name: String) -> String { "/dashboard/accounts/\(Words.segment(name))" }

    static func state(_ account: Account, _ figures: AccountFigures) -> HTML {
        if account.isPaused { return Badge.html("paused", .warn) }
        if let parked = figures.parked { return Badge.html(parked, .bad) }
        if figures.leader == nil { return Badge.html("no leader", .warn) }
        return figures.shares.contains { $0.used > 0 } ? Badge.html("sending", .good) : Badge.html("idle", .plain)
    }
}
