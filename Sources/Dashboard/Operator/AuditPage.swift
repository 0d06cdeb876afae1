public import Directory

/// Who changed what, newest first.
public struct AuditPage: Sendable {
    let entries: [AuditEntry]
    let query: [(name: String, value: String)]
    let older: String?
    let newer: String?

    /// - Parameter query: `actor`, `action`, `object`, `created_after` and `created_before`, as they were asked for.
    public init(entries: [AuditEntry], query: [(name: String, value: String)], older: String?, newer: String?) {
        self.entries = entries
        self.query = query
        self.older = older
        self.newer = newer
    }

    private func asked(_ name: String) -> String? { query.first { $0.name == name }?.value }

    public var page: DashboardPage {
        DashboardPage(
            title: "Audit",
            section: "/dashboard/audit",
            body: """
                <h1>Audit</h1>
                <form class="filters" role="search" action="/dashboard/audit">
                \(Fields.text("actor", "Who", asked("actor")))\(Fields.text("action", "Action", asked("action")))
                \(Fields.text("object", "Object", asked("object"), hint: "account main"))
                \(Fields.text("created_after", "Since (UTC)", asked("created_after"), type: "date"))
                \(Fields.text("created_before", "Before", asked("created_before"), type: "date"))
                <button>Show</button></form>
                <section class="card" aria-label="Entries">\(list)\(Pager(path: "/dashboard/audit", query: query, older: older, newer: newer).html)</section>
                """
        )
    }

    private var list: HTML {
        guard !entries.isEmpty else { return "<p class=\"empty\">No entry matches.</p>" }
        let rows = entries.map { entry -> [HTML] in
            [
                Words.time(entry.at), "\(entry.actor)", "\(entry.action)", "\(entry.object)",
                """
                <details><summary>What</summary><dl class="facts"><dt>Change</dt><dd class="mono">\(entry.detail)</dd>\
                <dt>Before</dt><dd class="mono">\(entry.before ?? "-")</dd><dt>After</dt><dd class="mono">\(entry.after ?? "-")</dd>\
                <dt>Request</dt><dd class="mono">\(entry.requestID ?? "-")</dd></dl></details>
                """,
            ]
        }
        return Table(
            "Changes",
            [.text("When (UTC)"), .text("Who"), .text("Action"), .text("Object"), .text("What")],
            rows: rows
        ).html
    }
}
