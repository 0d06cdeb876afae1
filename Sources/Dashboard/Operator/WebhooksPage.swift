public import Foundation
public import Webhooks

/// All tenants' webhooks: which have trouble, what could not be delivered, and delivering it again.
public struct WebhooksPage: Sendable {
    /// Endpoints that are shown.
    private static let most = 100

    let endpoints: [WebhookTrouble.Endpoint]
    let failures: [WebhookTrouble.Failure]
    let tenant: String?
    let tenants: [String]
    let older: String?
    let newer: String?
    let now: Date

    public init(
        endpoints: [WebhookTrouble.Endpoint],
        failures: [WebhookTrouble.Failure],
        tenant: String?,
        tenants: [String],
        older: String?,
        newer: String?,
        now: Date
    ) {
        self.endpoints = endpoints
        self.failures = failures
        self.tenant = tenant
        self.tenants = tenants
        self.older = older
        self.newer = newer
        self.now = now
    }

    public var page: DashboardPage {
        let troubled = endpoints.count { $0.status != "active" || $0.failingSince != nil }
        return DashboardPage(
            title: "Webhooks",
            section: "/dashboard/webhooks",
            body: """
                <div class="head"><h1>Webhooks</h1>\(troubled > 0 ? Badge.html("\(troubled) with trouble", .warn) : Badge.html("all well", .good))</div>
                <form class="filters" role="search" action="/dashboard/webhooks">
                \(Fields.choice("tenant", "Tenant", tenant, [("", "all")] + tenants.map { ($0, $0) }))
                <button>Show</button></form>
                <section class="card" aria-labelledby="failed-title"><h2 id="failed-title">Failed deliveries of the last seven days</h2>
                \(failed)
                \(Pager(path: "/dashboard/webhooks", query: [("tenant", tenant ?? "")], older: older, newer: newer).html)</section>
                <section class="card" aria-labelledby="endpoints-title"><h2 id="endpoints-title">Endpoints</h2>\(list)</section>
                """
        )
    }

    private var failed: HTML {
        guard !failures.isEmpty else {
            return older == nil
                ? "<p class=\"empty\">Every delivery has arrived, or is still being tried.</p>"
                : "<p class=\"empty\">None so far: there are older deliveries to look through.</p>"
        }
        let rows = failures.map { failure -> [HTML] in
            let delivery = failure.delivery
            let id = delivery.id.uuidString.lowercased()
            return [
                "\(failure.host)", "\(failure.tenant)", "\(delivery.type)",
                Badge.html(delivery.status.name, delivery.status == .failed ? .bad : .plain),
                Words.age(delivery.createdAt, now: now),
                """
                <form data-api="POST /admin/webhooks/\(failure.endpoint.uuidString.lowercased())/replay" data-then="again" \
                data-done="On its way again.">\
                <input type="hidden" name="delivery" value="\(id)"><button class="small quiet">Replay\
                <span class="unseen"> \(delivery.type) to \(failure.host)</span></button></form>
                """,
            ]
        }
        return Table(
            "Failed deliveries",
            [.text("Endpoint"), .text("Tenant"), .text("Event"), .text("Status"), .text("Made"), .text("Do")],
            rows: rows
        ).html
    }

    private var list: HTML {
        guard !endpoints.isEmpty else { return "<p class=\"empty\">No tenant has a webhook.</p>" }
        let rows = endpoints.prefix(Self.most).map { endpoint -> [HTML] in
            [
                "\(endpoint.host)", "\(endpoint.tenant)", Self.state(endpoint),
                endpoint.failingSince.map { Words.age($0, now: now) } ?? "-",
                "\(Words.number(endpoint.failures))", "\(Words.number(endpoint.queued))",
            ]
        }
        let rest: HTML? =
            endpoints.count > Self.most
            ? "<p class=\"soft\">And \(endpoints.count - Self.most) more, without trouble.</p>" : nil
        return """
            \(Table(
                "Endpoints",
                [.text("Endpoint"), .text("Tenant"), .text("State"), .text("Fails since"), .number("Failures"), .number("Queued")],
                rows: Array(rows)
            ).html)\(rest)
            """
    }

    private static func state(_ endpoint: WebhookTrouble.Endpoint) -> HTML {
        if endpoint.status != "active" { return Badge.html("disabled: \(endpoint.disabledReason ?? "?")", .bad) }
        return endpoint.failingSince == nil ? Badge.html("active", .good) : Badge.html("failing", .warn)
    }
}
