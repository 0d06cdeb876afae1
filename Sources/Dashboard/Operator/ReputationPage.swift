import Directory
public import Foundation
public import Reputation

/// Bounces and complaints of each account and tenant, beside the rates from which SES looks at an account.
public struct ReputationPage: Sendable {
    /// SES reviews an account from the first on, and may pause it from the second on, in percent.
    private static let bounce = (review: 5.0, pause: 10.0)
    private static let complaint = (review: 0.1, pause: 0.5)

    let standings: [Standing]
    let now: Date

    public init(standings: [Standing], now: Date) {
        self.standings = standings
        self.now = now
    }

    public var page: DashboardPage {
        let accounts = standings.filter { $0.tenant == nil }.sorted { $0.account < $1.account }
        let tenants = standings.filter { $0.tenant != nil }
            .sorted { ($1.state, $0.account, $0.tenant ?? "") < ($0.state, $1.account, $1.tenant ?? "") }
        return DashboardPage(
            title: "Reputation",
            section: "/dashboard/reputation",
            body: """
                <h1>Reputation</h1>
                <p class="soft">SES reviews an account from \(Words.percent(Self.bounce.review)) bounces or \
                \(Words.percent(Self.complaint.review)) complaints on, and may pause it from \(Words.percent(Self.bounce.pause)) or \
                \(Words.percent(Self.complaint.pause)) on. What counts is a representative volume: here the last 10,000 sends.</p>
                <div class="cards" id="reputation-accounts" data-part>\(accounts.map(card))</div>
                <section class="card" id="reputation-tenants" data-part aria-labelledby="tenants-title"><h2 id="tenants-title">Tenants</h2>
                \(list(tenants))</section>
                """,
            refresh: 15
        )
    }

    private func card(_ standing: Standing) -> HTML {
        let counts = standing.counts[.volume] ?? MailCounts()
        return """
            <article class="card"><div class="head"><h2>\(standing.account)</h2>\(Self.state(standing.state))</div>
            \(gauge("Bounces", counts.bounceRate, Self.bounce.review, Self.bounce.pause))
            \(gauge("Complaints", counts.complaintRate, Self.complaint.review, Self.complaint.pause))
            <p class="soft">\(Words.number(counts.bounced)) bounced and \(Words.number(counts.complained)) complained of \
            \(Words.number(counts.sent)) sent.\(standing.reason.map { " \($0)" } ?? "")</p></article>
            """
    }

    private func gauge(_ name: String, _ rate: Double, _ review: Double, _ pause: Double) -> HTML {
        func plain(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        return """
            <div class="gauge"><div class="row"><span>\(name)</span><b class="push">\(Words.percent(rate))</b></div>\
            <meter min="0" max="\(plain(pause))" low="\(plain(review * 0.6))" high="\(plain(review))" optimum="0" \
            value="\(plain(min(rate, pause)))" aria-label="\(name): \(Words.percent(rate)), review from \(Words.percent(review)) on"></meter>\
            <div class="row soft"><span>review from \(Words.percent(review))</span><span class="push">pause from \(Words.percent(pause))</span></div></div>
            """
    }

    private func list(_ standings: [Standing]) -> HTML {
        guard !standings.isEmpty else { return "<p class=\"empty\">Nothing was counted yet.</p>" }
        let rows = standings.prefix(500).map { standing -> [HTML] in
            let (day, volume) = (standing.counts[.day] ?? MailCounts(), standing.counts[.volume] ?? MailCounts())
            return [
                "\(standing.tenant ?? "")", "\(standing.account)", Self.state(standing.state),
                "\(Words.number(day.sent))", "\(Words.percent(day.bounceRate))", "\(Words.percent(day.complaintRate))",
                "\(Words.percent(volume.bounceRate))", "\(Words.percent(volume.complaintRate))",
                standing.state == .ok ? "<span class=\"soft\">-</span>" : resume(standing),
            ]
        }
        return Table(
            "Tenants",
            [
                .text("Tenant"), .text("Account"), .text("State"), .number("Sent today"), .number("Bounces"),
                .number("Complaints"),
                .number("Bounces, 10,000"), .number("Complaints, 10,000"), .text("Do"),
            ],
            rows: Array(rows)
        ).html
    }

    private func resume(_ standing: Standing) -> HTML {
        """
        <form data-api="POST /admin/reputation/resume" data-then="reload" data-done="Its mail goes on." \
        data-confirm="Let mail of \(standing.tenant ?? "") through \(standing.account) go on? Its counts begin anew.">\
        <input type="hidden" name="tenant" value="\(standing.tenant ?? "")"><input type="hidden" name="account" value="\(standing.account)">\
        <button class="small quiet">Resume<span class="unseen"> \(standing.tenant ?? "") at \(standing.account)</span></button></form>
        """
    }

    private static func state(_ state: StandingState) -> HTML {
        switch state {
        case .ok: Badge.html("ok", .good)
        case .warned: Badge.html("warned", .warn)
        case .slowed: Badge.html("slowed", .warn)
        case .paused: Badge.html("paused", .bad)
        }
    }
}
