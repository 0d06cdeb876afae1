public import Foundation
import Mail
public import Outbox

/// Mail that went wrong, over all tenants: to be looked through, filtered and sent again. What was written is never shown.
public struct MessagesPage: Sendable {
    /// What was asked for, as it was written.
    public struct Query: Sendable {
        public var status = "failed"
        public var tenant: String?
        public var domain: String?
        public var reason: String?
        public var after: String?
        public var before: String?

        public init() {}

        var pairs: [(name: String, value: String)] {
            [
                ("status", status), ("tenant", tenant ?? ""), ("domain", domain ?? ""), ("reason", reason ?? ""),
                ("created_after", after ?? ""), ("created_before", before ?? ""),
            ]
        }
    }

    let query: Query
    let recipients: [TroubledRecipient]
    /// By number.
    let tenants: [Int32: String]
    let older: String?
    let newer: String?
    let now: Date

    public init(
        query: Query,
        recipients: [TroubledRecipient],
        tenants: [Int32: String],
        older: String?,
        newer: String?,
        now: Date
    ) {
        self.query = query
        self.recipients = recipients
        self.tenants = tenants
        self.older = older
        self.newer = newer
        self.now = now
    }

    public var page: DashboardPage {
        DashboardPage(
            title: "Messages",
            section: "/dashboard/messages",
            body: """
                <h1>Messages that went wrong</h1>
                <form class="filters" role="search" action="/dashboard/messages">
                \(Fields.choice("status", "Status", query.status, Self.choices))
                \(Fields.choice("tenant", "Tenant", query.tenant, [("", "all")] + tenants.values.sorted().map { ($0, $0) }))
                \(Fields.text("domain", "Recipient's domain", query.domain, hint: "example.com"))
                \(Fields.text("reason", "Reason contains", query.reason))
                \(Fields.text("created_after", "Accepted since (UTC)", query.after, hint: "7 days ago", type: "date"))
                \(Fields.text("created_before", "Accepted before", query.before, type: "date"))
                <button>Show</button>
                </form>
                <section class="card" aria-labelledby="found-title">
                <div class="head"><h2 id="found-title">\(Self.title(query.status))</h2>
                <span class="soft">\(Words.count(recipients.count, "recipient", "recipients")) on this page, newest first</span>\(all)</div>
                \(list)
                \(Pager(path: "/dashboard/messages", query: query.pairs, older: older, newer: newer).html)
                </section>
                """
        )
    }

    private static let choices: [(value: String, words: String)] = TroubleFilter.statuses.map { status in
        (
            status.rawValue,
            status == .failed ? "failed (dead letters)" : status == .unknown ? "unknown outcome" : status.rawValue
        )
    }

    private static func title(_ status: String) -> String {
        switch status {
        case "failed": "Dead letters"
        case "unknown": "Unknown outcomes"
        default: status.prefix(1).uppercased() + status.dropFirst()
        }
    }

    private var all: HTML? {
        let again = recipients.filter(\.mayGoAgain)
        let ids = again.map(\.id.description)
        guard ids.count > 1 else { return nil }
        let held = again.count(where: \.isHeld)
        let warning =
            held > 0
            ? " The outcome of \(Words.number(held)) of them is unknown: their recipients may get it twice." : ""
        return """
            <form class="push" data-api="POST /admin/recipients/again" data-then="reload" data-done="{queued} queued again." \
            data-confirm="Send all \(ids.count) on this page again?\(warning)">\
            <input type="hidden" name="recipients" data-type="list" value="\(ids.joined(separator: " "))">\
            <button class="quiet">Send all on this page again</button></form>
            """
    }

    private var list: HTML {
        guard !recipients.isEmpty else {
            return older == nil
                ? "<p class=\"empty\">Nothing: no mail of the kind in that time.</p>"
                : "<p class=\"empty\">Nothing so far: there is older mail to look through.</p>"
        }
        let rows = recipients.map { recipient -> [HTML] in
            [
                "<span>\(recipient.email)</span>",
                "\(tenants[recipient.tenantID] ?? "removed")",
                "\(recipient.reason ?? "-")",
                "\(recipient.region) / \(recipient.stream)",
                "\(recipient.attempts)",
                Words.age(recipient.updatedAt, now: now),
                again(recipient),
            ]
        }
        return Table(
            "Recipients",
            [
                .text("Recipient"), .text("Tenant"), .text("Why"), .text("Region / stream"), .number("Attempts"),
                .text("When"),
                .text("Do"),
            ],
            rows: rows
        ).html
    }

    private func again(_ recipient: TroubledRecipient) -> HTML {
        guard recipient.mayGoAgain else {
            return "<span class=\"soft\">\(recipient.status == .unknown ? "in its grace" : "-")</span>"
        }
        let question: HTML? =
            recipient.isHeld
            ? " data-confirm=\"Its outcome is unknown: the recipient may get it twice. Send it again?\"" : nil
        return """
            <form data-api="POST /admin/recipients/again" data-then="again" data-done="Queued again."\(question)>\
            <input type="hidden" name="recipients" data-type="list" value="\(recipient.id.description)">\
            <button class="small quiet">Send again<span class="unseen"> to \(recipient.email)</span></button></form>
            """
    }
}
