public import Identities
import Mail

public import struct Foundation.Date

/// What a tenant publishes in DNS so that its mail is believed, and what is missing.
public struct TenantDomainsPage: Sendable {
    let senders: [SenderView]
    let hasMore: Bool
    let canVerify: Bool
    let now: Date

    public init(senders: [SenderView], hasMore: Bool, canVerify: Bool, now: Date) {
        self.senders = senders
        self.hasMore = hasMore
        self.canVerify = canVerify
        self.now = now
    }

    public var page: DashboardPage {
        let rest: HTML? = hasMore ? "<p class=\"soft\">There are more: <code>GET /domains</code> lists all.</p>" : nil
        let cards =
            senders.isEmpty
            ? ["<p class=\"empty\">No sender is allowed to you yet. The operator of the gateway can say which.</p>"]
            : senders.map(card)
        return DashboardPage(
            title: "Domains",
            section: "/dashboard/domains",
            body: """
                <h1>Domains</h1>
                <p class="soft">Publish these records where your domain's DNS is kept, then check again. Until then receivers may doubt your
                mail, or Amazon SES does not send it.</p>
                <div id="domains" data-part>\(cards)</div>\(rest)
                """,
            refresh: 20
        )
    }

    private func card(_ view: SenderView) -> HTML {
        let shown = view.sender.isAddress ? view.sender.text : view.look.text
        let also: HTML? = shown == view.sender.text ? nil : "<span class=\"soft\">\(view.sender.text)</span>"
        let verify: HTML? =
            canVerify
            ? Controls.action(
                "Check again",
                "POST /domains/\(Words.segment(view.sender.text))/verify",
                done: "It is looked at within seconds.",
                label: "Check \(shown) again"
            ) : nil
        return """
            <section class="card" aria-label="\(shown)">
            <div class="head"><h2>\(shown)</h2>\(also)\(Self.badge(view.standing))<span class="push">\(verify)</span></div>
            \(view.accounts.map { account($0, isAlone: view.accounts.count == 1) })
            </section>
            """
    }

    private func account(_ view: SenderView.AtAccount, isAlone: Bool) -> HTML {
        let name: HTML? =
            isAlone ? nil : "<h3>\(view.account) (\(view.awsRegion)) \(Self.badge(view.report.standing))</h3>"
        let missing: HTML =
            view.report.missing.isEmpty
            ? "<p>All is in order.</p>"
            : "<h3>What is missing</h3><ol class=\"changes\">\(view.report.missing.map { line -> HTML in "<li>\(line)</li>" })</ol>"
        let rows = view.report.records.map { record -> [HTML] in
            let found: HTML? =
                record.state == .different
                ? "<br><span class=\"soft\">there is: \(record.found.joined(separator: ", "))</span>" : nil
            return [
                "\(record.wanted.type)",
                "<code>\(record.wanted.name)</code> \(Controls.copy(record.wanted.name, "the name"))",
                "<code>\(record.wanted.value)</code> \(Controls.copy(record.wanted.value, "the value"))\(found)",
                Self.state(record.state),
            ]
        }
        let table: HTML? =
            rows.isEmpty
            ? nil
            : """
            <details\(view.report.missing.isEmpty ? HTML.empty : " open") id="records-\(view.account)-\(view.identity ?? "")"><summary>DNS records</summary>
            \(Table("DNS records", [.text("Type"), .text("Name"), .text("Value"), .text("Found")], rows: rows).html)</details>
            """
        let checked: HTML =
            view.row?.checkedAt.map { "<p class=\"soft\">Looked at \(Words.age($0, now: now)).</p>" }
            ?? "<p class=\"soft\">Not looked at yet.</p>"
        return "\(name)\(missing)\(table)\(checked)"
    }

    static func badge(_ standing: IdentityReport.Standing) -> HTML {
        switch standing {
        case .verified: Badge.html("verified", .good)
        case .foreign: Badge.html("another account's", .plain)
        case .incomplete: Badge.html("incomplete", .warn)
        case .unknown: Badge.html("not known yet", .plain)
        case .pending: Badge.html("pending", .warn)
        case .unregistered: Badge.html("not registered", .bad)
        }
    }

    private static func state(_ state: RecordState) -> HTML {
        switch state {
        case .found: Badge.html("found", .good)
        case .missing: Badge.html("missing", .bad)
        case .different: Badge.html("different", .warn)
        case .unknown: Badge.html("not known", .plain)
        }
    }
}
