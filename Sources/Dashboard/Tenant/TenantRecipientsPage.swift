import Mail
public import Outbox

public import struct Foundation.Date

/// Whom mail did not reach, and why.
public struct TenantRecipientsPage: Sendable {
    /// The query's names of what is filtered by.
    public static let filters = ["status", "domain", "region", "created_after", "created_before"]

    let recipients: [ListedRecipient]
    let filters: [String: String]
    let newer: String?
    let older: String?
    let problem: String?
    let now: Date

    public init(
        recipients: [ListedRecipient],
        filters: [String: String],
        newer: String? = nil,
        older: String? = nil,
        problem: String? = nil,
        now: Date
    ) {
        self.recipients = recipients
        self.filters = filters
        self.newer = newer
        self.older = older
        self.problem = problem
        self.now = now
    }

    public var page: DashboardPage {
        let note: HTML? = problem.map { "<p class=\"note bad\" role=\"alert\">\($0)</p>" }
        let export: HTML? =
            problem == nil
            ? """
            <a class="button quiet" href="\(Controls.link("/recipients.csv", query))" download="recipients.csv">Export as CSV</a>
            """ : nil
        return DashboardPage(
            title: "Not delivered",
            section: "/dashboard/recipients",
            body: """
                <div class="head"><h1>Not delivered, and why</h1><span class="push">\(export)</span></div>
                <section class="card" aria-label="Search">
                <form class="filters" action="/dashboard/recipients">
                \(Fields.choice("status", "Status", filters["status"] ?? "bounced", Self.statuses))
                \(Fields.text("domain", "Domain", filters["domain"] ?? "", hint: "example.org"))
                \(Fields.text("region", "Region", filters["region"] ?? ""))
                \(Fields.text("created_after", "From day (UTC)", filters["created_after"] ?? "", type: "date"))
                \(Fields.text("created_before", "Before day", filters["created_before"] ?? "", type: "date"))
                <button>Search</button>
                </form>
                \(note)
                <div id="recipients" data-part>\(list)</div>
                </section>
                """,
            refresh: problem == nil && filters["after"] == nil && filters["before"] == nil ? 15 : nil
        )
    }

    private var list: HTML {
        let steps = Pager(path: "/dashboard/recipients", query: query, older: older, newer: newer).html
        guard !recipients.isEmpty else {
            return "<p class=\"empty\">Nobody here: no recipient passes the filters.</p>\(steps)"
        }
        let rows = recipients.map { recipient -> [HTML] in
            let why: HTML = recipient.reason.map { "\($0)" } ?? "<span class=\"soft\">no reason is known</span>"
            return [
                "<a href=\"/dashboard/messages/\(recipient.id.message.description)\">\(recipient.email)</a>",
                StatusBadge.html(recipient.status), why, "\(recipient.region)",
                Words.age(recipient.updatedAt, now: now),
            ]
        }
        return """
            \(Table(
                "Recipients, newest first",
                [.text("Address"), .text("Status"), .text("Why"), .text("Region"), .text("Since")],
                rows: rows
            ).html)
            \(steps)
            """
    }

    private var query: [(name: String, value: String)] {
        Self.filters.compactMap { name in filters[name].map { (name: name, value: $0) } }
    }

    private static let statuses: [(value: String, words: String)] = [
        ("bounced", "bounced"), ("complained", "complained"), ("rejected", "rejected"), ("failed", "failed"),
        ("unknown", "unknown"), ("suppressed", "suppressed"), ("delayed", "delayed"), ("expired", "expired"),
        ("canceled", "canceled"),
    ]
}
