import FoundationEssentials
public import Webhooks

public import struct Foundation.Date

/// A tenant's webhooks, and making one.
public struct TenantWebhooksPage: Sendable {
    let endpoints: [WebhookEndpoint]
    let hasMore: Bool
    let now: Date

    public init(endpoints: [WebhookEndpoint], hasMore: Bool, now: Date) {
        self.endpoints = endpoints
        self.hasMore = hasMore
        self.now = now
    }

    public var page: DashboardPage {
        let rest: HTML? = hasMore ? "<p class=\"soft\">There are more: <code>GET /webhooks</code> lists all.</p>" : nil
        return DashboardPage(
            title: "Webhooks",
            section: "/dashboard/webhooks",
            body: """
                <h1>Webhooks</h1>
                <section class="card" aria-labelledby="list"><h2 id="list">Who is told</h2>
                <div id="webhooks" data-part>\(list)</div>\(rest)</section>
                <section class="card narrow" aria-labelledby="make"><h2 id="make">Make one</h2>
                <form class="fields" data-issue="POST /webhooks" data-member="secret" data-title="Its signing secret">
                <label for="url">URL</label>
                <input id="url" name="url" type="url" required placeholder="https://shop.example/hooks" autocomplete="off">
                <label for="description">Description</label><input id="description" name="description" autocomplete="off">
                <label for="events">Events (empty: all), such as <code>email.bounced email.complained</code></label>
                <input id="events" name="events" data-type="list" autocomplete="off">
                <button>Make the webhook</button>
                </form>
                <p class="soft">Requests follow Standard Webhooks; <a href="/docs/webhooks">the documentation</a> says how to check
                their signatures.</p></section>
                """,
            refresh: 10
        )
    }

    private var list: HTML {
        guard !endpoints.isEmpty else { return "<p class=\"empty\">There is none yet.</p>" }
        let rows = endpoints.map { endpoint -> [HTML] in
            [
                """
                <a href="/dashboard/webhooks/\(endpoint.id.uuidString.lowercased())">\(endpoint.url)</a>\
                <br><span class="soft">\(endpoint.description)</span>
                """,
                EndpointState.html(endpoint, now: now), "\(endpoint.events?.joined(separator: ", ") ?? "all events")",
                Words.age(endpoint.createdAt, now: now),
            ]
        }
        return Table("Webhooks", [.text("URL"), .text("State"), .text("Events"), .text("Made")], rows: rows).html
    }
}

/// How an endpoint does.
enum EndpointState {
    static func html(_ endpoint: WebhookEndpoint, now: Date) -> HTML {
        if endpoint.status == .disabled {
            let why =
                switch endpoint.disabledReason {
                case "gone": "it said that it is gone"
                case "failing": "it failed for days"
                default: "by you"
                }
            return "\(Badge.html("disabled", .bad)) <span class=\"soft\">\(why)</span>"
        }
        guard let since = endpoint.failingSince else { return Badge.html("works", .good) }
        return
            "\(Badge.html("fails", .warn)) <span class=\"soft\">for \(Words.duration(now.timeIntervalSince(since)))</span>"
    }
}
