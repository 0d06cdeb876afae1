public import Directory
import Mail

public import struct Foundation.Date

/// The addresses that a tenant's mail does not go to.
public struct TenantSuppressionsPage: Sendable {
    let suppressions: [Suppression]
    let filters: [String: String]
    let earlier: String?
    let later: String?
    let problem: String?
    let now: Date

    public init(
        suppressions: [Suppression],
        filters: [String: String],
        earlier: String? = nil,
        later: String? = nil,
        problem: String? = nil,
        now: Date
    ) {
        self.suppressions = suppressions
        self.filters = filters
        self.earlier = earlier
        self.later = later
        self.problem = problem
        self.now = now
    }

    public var page: DashboardPage {
        let note: HTML? = problem.map { "<p class=\"note bad\" role=\"alert\">\($0)</p>" }
        let reasons =
            [(value: "", words: "any")] + Suppression.Reason.allCases.map { (value: $0.rawValue, words: $0.rawValue) }
        return DashboardPage(
            title: "Suppressions",
            section: "/dashboard/suppressions",
            body: """
                <h1>Suppressions</h1>
                <div class="columns">
                <section class="card" aria-labelledby="who"><h2 id="who">Addresses that get no mail of yours</h2>
                <form class="filters" action="/dashboard/suppressions">
                \(Fields.text("prefix", "Address begins with", filters["prefix"] ?? ""))
                \(Fields.text("domain", "Domain", filters["domain"] ?? ""))
                \(Fields.choice("reason", "Reason", filters["reason"] ?? "", reasons))
                <button>Search</button>
                </form>
                \(note)\(list)
                </section>
                <section class="card narrow" aria-labelledby="add"><h2 id="add">Add one</h2>
                <form class="fields" data-api="POST /suppressions" data-done="{email} gets no more mail." data-then="reload">
                <label for="email">Address</label>
                <input id="email" name="email" type="email" required autocomplete="off">
                <label for="detail">Why (for you)</label>
                <input id="detail" name="detail" autocomplete="off" maxlength="500">
                <input type="hidden" name="reason" value="manual">
                <button>Suppress</button>
                </form>
                <p class="soft">Permanent bounces, complaints and readers who unsubscribe are added by themselves.</p>
                </section>
                </div>
                """
        )
    }

    private var list: HTML {
        let query = ["prefix", "domain", "reason"].compactMap { name in filters[name].map { (name: name, value: $0) } }
        let steps = Pager(path: "/dashboard/suppressions", query: query, older: later, newer: earlier).html
        guard !suppressions.isEmpty else {
            return filters.isEmpty
                ? "<p class=\"empty\">Nobody is suppressed: your mail goes to every address.</p>"
                : "<p class=\"empty\">No suppressed address passes the filters.</p>\(steps)"
        }
        let rows = suppressions.map { entry -> [HTML] in
            let from: HTML =
                entry.messageID.map { " <a href=\"/dashboard/messages/\($0)\">the message</a>" } ?? .empty
            let stream: HTML = entry.stream.map { " <span class=\"soft\">\($0.rawValue) mail only</span>" } ?? .empty
            return [
                "\(entry.email)\(stream)",
                Badge.html(
                    entry.reason.rawValue,
                    entry.reason == .complaint ? .bad : entry.reason == .bounce ? .warn : .plain
                ),
                "\(entry.detail ?? "")\(from)", Words.age(entry.createdAt, now: now),
                Controls.action(
                    "Remove",
                    "DELETE /suppressions/\(Words.segment(entry.email))",
                    done: "Mail goes to it again.",
                    confirm:
                        "Let mail go to \(entry.email) again? If it bounces or complains once more, it harms your standing.",
                    label: "Remove \(entry.email)"
                ),
            ]
        }
        return """
            \(Table(
                "Suppressed addresses",
                [.text("Address"), .text("Reason"), .text("Why"), .text("Since"), .text("")],
                rows: rows
            ).html)
            \(steps)
            """
    }
}
