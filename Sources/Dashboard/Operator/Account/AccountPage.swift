public import Directory
import Foundation

/// One account: what it does second by second, its shares and what they lend each other.
public struct AccountPage: Sendable {
    let view: AccountView
    /// The newest entries of the loan ledger.
    let ledger: [LoanEntry]

    public init(view: AccountView, ledger: [LoanEntry] = []) {
        self.view = view
        self.ledger = ledger
    }

    private var account: Account { view.account }

    public var page: DashboardPage {
        let path = Words.segment(account.name)
        return DashboardPage(
            title: account.name,
            section: "/dashboard",
            body: """
                <div class="head"><h1>\(account.name)</h1><span class="soft">\(account.awsRegion)</span>
                <span class="push">\(pausing(path))</span></div>
                \(state)
                <section class="card" aria-labelledby="chart-title">
                <h2 id="chart-title">Credits, second by second</h2>
                \(CreditChart(view: view).html)
                <details><summary>In numbers</summary>\(CreditChart(view: view).table)</details>
                </section>
                \(SharesForm(view: view).html)
                <div class="columns">
                \(lending)
                <section class="card" aria-labelledby="ledger-title"><h2 id="ledger-title">Loan ledger</h2>\(history)</section>
                </div>
                """,
            live: "/dashboard/live/accounts/\(path)"
        )
    }

    public var parts: [LivePart] {
        let chart = CreditChart(view: view)
        return [
            LivePart(id: "state", state),
            LivePart(id: "chart", chart.html),
            LivePart(id: "chart-table", chart.table),
            LivePart(id: "lending", lending),
        ] + SharesForm(view: view).parts
    }

    private func pausing(_ path: String) -> HTML {
        let (verb, words, done) =
            account.isPaused
            ? ("resume", "Resume", "Sending goes on.")
            : ("pause", "Pause", "Paused: mail is accepted, and nothing is sent.")
        let question: HTML? =
            account.isPaused
            ? nil
            : " data-confirm=\"Pause \(account.name)? Mail is accepted and waits; nothing is sent until somebody resumes it.\""
        let style: HTML = account.isPaused ? .empty : " class=\"danger\""
        return """
            <form data-api="POST /admin/accounts/\(path)/\(verb)" data-body="none" data-then="reload" data-done="\(done)"\(question)>\
            <button\(style)>\(words)</button></form>
            """
    }

    // MARK: State

    private var state: HTML {
        let figures = view.figures
        let used = figures.shares.reduce(0) { $0 + $1.used }
        let backlog = figures.shares.reduce(0) { $0 + $1.backlog }
        let oldest = figures.shares.compactMap(\.oldestAt).min()
        let daily = figures.ses.daily.map { $0 < 0 ? "no limit" : "of \(Words.number($0))" } ?? configuredDaily
        let parked: HTML? = figures.parked.map { reason in
            "<p class=\"note bad\">Nothing is sent: \(reason). \(figures.parkedDetail ?? "")</p>"
        }
        let sandbox: HTML? =
            figures.ses.isSandbox == true
            ? "<p class=\"note warn\">The account is in SES's sandbox: it takes verified recipients only.</p>" : nil
        return """
            <section id="state" class="card" aria-label="Now" data-version="\(Int(account.version))">\(parked)\(sandbox)
            \(Stats.html([
                ("State", AccountLink.state(account, figures)),
                ("Sending", "\(Words.decimal(used))<small>/s of \(figures.rate.map { Words.decimal($0) } ?? "?")</small>"),
                ("Waiting", "\(Words.number(backlog))"),
                ("Oldest", "\(oldest.map { Words.duration(view.now.timeIntervalSince($0)) } ?? "-")"),
                ("Lent now", "\(Words.number(figures.shares.reduce(0) { $0 + $1.lent }))"),
                ("Last 24 h", "\(Words.number(figures.ses.used)) <small>\(daily)</small>"),
                ("Leader", "<small>\(figures.leader ?? "none")\(figures.epoch.map { ", epoch \($0)" } ?? "")</small>"),
            ]))
            </section>
            """
    }

    private var configuredDaily: String {
        if case .fixed(_, let daily, _) = account.quota, daily >= 0 { return "of \(Words.number(daily))" }
        return ""
    }

    // MARK: Lending

    private var lending: HTML {
        let rows = view.loans.map { loan -> [HTML] in
            [
                "\(Self.name(loan.lender))", "\(Self.name(loan.borrower))", "\(loan.credits)",
                Words.age(loan.from, now: view.now),
            ]
        }
        let body: HTML =
            rows.isEmpty
            ? "<p class=\"empty\">Nobody lends anything just now.</p>"
            : Table(
                "Loans that last",
                [.text("Lender"), .text("Borrower"), .number("Credits"), .text("Since")],
                rows: rows
            ).html
        return """
            <section id="lending" class="card" aria-labelledby="lending-title"><h2 id="lending-title">Who lends whom now</h2>\(body)</section>
            """
    }

    private var history: HTML {
        guard !ledger.isEmpty else { return "<p class=\"empty\">No loan was ever made.</p>" }
        let rows = ledger.map { loan -> [HTML] in
            [
                "\(Self.name(loan.lender))", "\(Self.name(loan.borrower))", "\(loan.credits)", Words.time(loan.from),
                loan.to.map { "\(Words.duration($0.timeIntervalSince(loan.from)))" } ?? Badge.html("lasts", .good),
            ]
        }
        return Table(
            "The newest loans",
            [.text("Lender"), .text("Borrower"), .number("Credits"), .text("From (UTC)"), .text("For")],
            rows: rows
        ).html
    }

    /// The account lends under no name.
    private static func name(_ path: String) -> String { path.isEmpty ? "the account" : path }
}
