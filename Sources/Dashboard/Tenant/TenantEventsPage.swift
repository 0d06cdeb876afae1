import Mail
public import Outbox

/// What happens now: the newest events of a tenant's feed.
public struct TenantEventsPage: Sendable {
    /// How many are shown.
    public static let most = 50

    /// Oldest first, as the feed has them.
    let entries: [FeedEntry]

    public init(entries: [FeedEntry]) {
        self.entries = entries
    }

    public var page: DashboardPage {
        DashboardPage(
            title: "Events",
            section: "/dashboard/events",
            body: """
                <div class="head"><h1>Events</h1><span class="push soft">live, newest first</span></div>
                <section class="card">\(list)
                <p class="soft">Programs read the same with <code>GET /events?after=SEQ&amp;wait=30</code>, or are told by
                <a href="/dashboard/webhooks">webhooks</a>.</p></section>
                """,
            live: "/dashboard/live/events"
        )
    }

    public var parts: [LivePart] { [LivePart(id: "events", list)] }

    private var list: HTML {
        guard !entries.isEmpty else {
            return
                "<div id=\"events\"><p class=\"empty\">Nothing has happened yet. What does shows up here within a second.</p></div>"
        }
        let rows = entries.reversed().map { entry -> [HTML] in
            let type = EventType(rawValue: entry.type)
            let badge = Badge.html(
                entry.type.replacing("email.", with: "").replacing("_", with: " "),
                type.map(EventWords.tone) ?? .warn
            )
            let who = EventData.recipient(in: entry.data) ?? ""
            let name: HTML =
                EventData.messageID(in: entry.data).map {
                    "<a href=\"/dashboard/messages/\($0)\">\(who.isEmpty ? $0 : who)</a>"
                }
                ?? "\(who.isEmpty ? "the account" : who)"
            let words: HTML =
                EventData.reason(in: entry.data).map { "\($0)" } ?? "\(type.map(EventWords.text) ?? entry.type)"
            return [
                "<span class=\"mono\">\(String(entry.timestamp.prefix(19)).replacing("T", with: " "))</span>", badge,
                name,
                words, "\(Words.number(entry.seq))",
            ]
        }
        let table = Table(
            "Events, newest first",
            [.text("Time (UTC)"), .text("Event"), .text("Recipient"), .text("What"), .number("Seq")],
            rows: rows
        )
        return "<div id=\"events\">\(table.html)</div>"
    }
}
