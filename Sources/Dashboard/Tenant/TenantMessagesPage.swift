import Mail
public import Outbox

public import struct Foundation.Date

/// A tenant's mail: what was sent, to whom, and what became of it.
public struct TenantMessagesPage: Sendable {
    /// The query's names of what is filtered by.
    public static let filters = ["to", "status", "from", "tag", "region", "created_after", "created_before"]

    let messages: [ListedMessage]
    /// As they were asked for.
    let filters: [String: String]
    let newer: String?
    let older: String?
    /// What is wrong with a filter.
    let problem: String?
    let now: Date

    public init(
        messages: [ListedMessage],
        filters: [String: String],
        newer: String? = nil,
        older: String? = nil,
        problem: String? = nil,
        now: Date
    ) {
        self.messages = messages
        self.filters = filters
        self.newer = newer
        self.older = older
        self.problem = problem
        self.now = now
    }

    public var page: DashboardPage {
        let note: HTML? = problem.map { "<p class=\"note bad\" role=\"alert\">\($0)</p>" }
        return DashboardPage(
            title: "Messages",
            section: "/dashboard/messages",
            body: """
                <h1>Messages</h1>
                <section class="card" aria-label="Search">
                <form class="filters" action="/dashboard/messages">
                \(Fields.text("to", "To", filters["to"] ?? "", hint: "reader@example.org"))
                \(Fields.choice("status", "Status", filters["status"] ?? "", Self.statuses))
                \(Fields.text("from", "From", filters["from"] ?? "", hint: "address or domain"))
                \(Fields.text("tag", "Tag", filters["tag"] ?? "", hint: "name:value"))
                \(Fields.text("region", "Region", filters["region"] ?? ""))
                \(Fields.text("created_after", "From day (UTC)", filters["created_after"] ?? "", type: "date"))
                \(Fields.text("created_before", "Before day", filters["created_before"] ?? "", type: "date"))
                <button>Search</button> <a class="button quiet" href="/dashboard/messages">All</a>
                </form>
                \(note)
                <div id="messages" data-part>\(list)</div>
                </section>
                """,
            refresh: problem == nil && filters["after"] == nil && filters["before"] == nil ? 10 : nil
        )
    }

    private var list: HTML {
        guard !messages.isEmpty else {
            let isFiltered = !filters.isEmpty
            let steps = Pager(path: "/dashboard/messages", query: query, older: older, newer: newer).html
            return isFiltered
                ? "<p class=\"empty\">No message here passes the filters.</p>\(steps)"
                : """
                <p class="empty">No mail yet. Send the first with <code>POST /send</code>: <a href="/docs">the documentation</a> shows \
                how.</p>
                """
        }
        let rows = messages.map { message -> [HTML] in
            let others = message.recipients - message.to.count
            let to = message.to.joined(separator: ", ") + (others > 0 ? " and \(Words.number(others)) more" : "")
            return [
                """
                <a href="/dashboard/messages/\(message.id.description)">\(message.subject.map { $0.isEmpty ? "(no subject)" : $0 } ?? "(no subject)")</a>
                """,
                "\(to)", StatusBadge.html(message.summary), "\(message.region)", Words.age(message.createdAt, now: now),
            ]
        }
        return """
            \(Table(
                "Messages, newest first",
                [.text("Subject"), .text("To"), .text("Status"), .text("Region"), .text("Accepted")],
                rows: rows
            ).html)
            \(Pager(path: "/dashboard/messages", query: query, older: older, newer: newer).html)
            """
    }

    private var query: [(name: String, value: String)] {
        Self.filters.compactMap { name in filters[name].map { (name: name, value: $0) } }
    }

    private static let statuses: [(value: String, words: String)] =
        [(value: "", words: "any")]
        + [
            "queued", "scheduled", "sending", "sent", "delivered", "delayed", "bounced", "complained", "rejected",
            "failed",
            "unknown", "canceled", "expired", "suppressed", "mixed",
        ].map { (value: $0, words: $0) }
}
