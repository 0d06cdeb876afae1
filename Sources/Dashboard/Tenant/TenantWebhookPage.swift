public import Foundation
public import Webhooks

/// One webhook: how it does, what it was told, and what can be done about it.
public struct TenantWebhookPage: Sendable {
    let endpoint: WebhookEndpoint
    let deliveries: [WebhookDelivery]
    /// As it was asked for; empty: any.
    let status: String
    let newer: String?
    let older: String?
    let now: Date

    public init(
        endpoint: WebhookEndpoint,
        deliveries: [WebhookDelivery],
        status: String = "",
        newer: String? = nil,
        older: String? = nil,
        now: Date
    ) {
        self.endpoint = endpoint
        self.deliveries = deliveries
        self.status = status
        self.newer = newer
        self.older = older
        self.now = now
    }

    private var id: String { endpoint.id.uuidString.lowercased() }

    public var page: DashboardPage {
        let statuses = [(value: "", words: "any")] + DeliveryStatus.allCases.map { (value: $0.name, words: $0.name) }
        return DashboardPage(
            title: "Webhook",
            section: "/dashboard/webhooks",
            body: """
                <p class="crumbs"><a href="/dashboard/webhooks">Webhooks</a></p>
                <div class="head"><h1>\(endpoint.url)</h1><span id="state" data-part>\(EndpointState.html(endpoint, now: now))</span></div>
                <div class="columns">
                <section class="card"><h2>What it is</h2>\(facts)<div class="row actions">\(actions)</div></section>
                <section class="card"><h2>Again</h2>
                <form class="filters" data-api="POST /webhooks/\(id)/replay" data-done="{events} events are sent again.">
                <div><label for="from">From (UTC)</label><input id="from" name="from" type="datetime-local" required data-type="utc" value="\(stamp(now.addingTimeInterval(-3600)))"></div>
                <div><label for="to">To</label><input id="to" name="to" type="datetime-local" required data-type="utc" value="\(stamp(now))"></div>
                <button class="quiet">Send these again</button></form>
                <p class="soft">All events of that time that it asks for, behind what is new.</p></section>
                </div>
                <section class="card" aria-labelledby="log"><h2 id="log">What it was told</h2>
                <form class="filters" action="/dashboard/webhooks/\(id)">
                \(Fields.choice("status", "Status", status, statuses))<button>Show</button></form>
                <div id="deliveries" data-part>\(log)</div></section>
                """,
            refresh: newer == nil ? 5 : nil
        )
    }

    private func stamp(_ date: Date) -> String { String(Words.stamp(date).prefix(16)) }

    private var facts: HTML {
        var facts: [(String, HTML)] = [
            ("Id", "<code>\(id)</code>"), ("Events", "\(endpoint.events?.joined(separator: ", ") ?? "all")"),
        ]
        if !endpoint.description.isEmpty { facts.append(("Description", "\(endpoint.description)")) }
        let filter = filters
        if !filter.isEmpty { facts.append(("Only", "\(filter)")) }
        if let rate = endpoint.maxRate { facts.append(("At most", "\(Words.number(rate)) a second")) }
        if let until = endpoint.oldSecretUntil {
            facts.append(("Old secret", "signs too until \(Words.time(until)) UTC"))
        }
        facts.append(("Made", Words.age(endpoint.createdAt, now: now)))
        return "<dl class=\"facts\">\(facts.map { name, value -> HTML in "<dt>\(name)</dt><dd>\(value)</dd>" })</dl>"
    }

    private var filters: String {
        let filter = endpoint.filter
        var parts: [String] = []
        if let list = filter.fromDomains { parts.append("from \(list.joined(separator: ", "))") }
        if let list = filter.fromAddresses { parts.append("from \(list.joined(separator: ", "))") }
        if let list = filter.regions { parts.append("in \(list.joined(separator: ", "))") }
        if let list = filter.streams { parts.append(list.joined(separator: ", ")) }
        if let tags = filter.tags {
            parts.append(
                "tagged " + tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
            )
        }
        return parts.joined(separator: "; ")
    }

    private var actions: HTML {
        let isActive = endpoint.status == .active
        return """
            \(Controls.action("Send a test", "POST /webhooks/\(id)/test", done: "A test event is on its way.", look: "small"))
            <form data-issue="POST /webhooks/\(id)/rotate" data-member="secret" data-title="The new signing secret" \
            data-confirm="Make a new secret? The old one signs too for a day."><button class="quiet small">Rotate the secret</button></form>
            <form data-api="PATCH /webhooks/\(id)" data-done="\(isActive ? "Disabled." : "Enabled.")" data-then="reload">\
            <input type="hidden" name="status" value="\(isActive ? "disabled" : "active")">\
            <button class="quiet small">\(isActive ? "Disable" : "Enable")</button></form>
            <form data-api="DELETE /webhooks/\(id)" data-done="Deleted." data-go="/dashboard/webhooks" \
            data-confirm="Delete this webhook? Its log goes with it."><button class="danger small">Delete</button></form>
            """
    }

    private var log: HTML {
        let path = "/dashboard/webhooks/\(id)"
        let steps = Pager(path: path, query: [("status", status)], older: older, newer: newer).html
        guard !deliveries.isEmpty else {
            return
                "<p class=\"empty\">It was told nothing yet\(status.isEmpty ? "" : " that is \(status)").</p>\(steps)"
        }
        let rows = deliveries.map { delivery -> [HTML] in
            let attempts = DeliveryAttempt.list(delivery.attempts)
            let key = delivery.id.uuidString.lowercased()
            let message: HTML =
                delivery.messageID.map { " <a href=\"/dashboard/messages/\($0)\">message</a>" } ?? .empty
            let next: HTML =
                delivery.nextAttemptAt.map { at -> HTML in
                    let seconds = at.timeIntervalSince(now)
                    return
                        "<br><span class=\"soft\">tried \(seconds > 1 ? "again in \(Words.duration(seconds))" : "now")</span>"
                } ?? .empty
            let again: HTML =
                delivery.status == .pending
                ? .empty
                : """
                <form data-api="POST /webhooks/\(id)/replay" data-done="It is sent again." data-then="refresh">\
                <input type="hidden" name="delivery" value="\(key)">\
                <button class="quiet small" aria-label="Send again: \(delivery.type)">Send again</button></form>
                """
            return [
                "\(delivery.type.replacing("email.", with: ""))\(message)\(delivery.isReplay ? " \(Badge.html("again", .plain))" : HTML.empty)",
                "\(Badge.html(delivery.status.name, tone(delivery.status)))\(next)", answers(attempts, key),
                Words.age(delivery.createdAt, now: now), again,
            ]
        }
        return """
            \(Table(
                "Deliveries, newest first",
                [.text("Event"), .text("Status"), .text("Answers"), .text("When"), .text("")],
                rows: rows
            ).html)
            \(steps)
            """
    }

    private func answers(_ attempts: [DeliveryAttempt], _ key: String) -> HTML {
        guard let last = attempts.last else { return "<span class=\"soft\">none yet</span>" }
        guard attempts.count > 1 else { return "\(last.words)" }
        let lines = attempts.map { attempt -> HTML in "<li>\(attempt.at): \(attempt.words)</li>" }
        return
            "\(last.words)<details id=\"d-\(key)\"><summary>\(attempts.count) attempts</summary><ol class=\"changes\">\(lines)</ol></details>"
    }

    private func tone(_ status: DeliveryStatus) -> Badge.Tone {
        switch status {
        case .pending: .plain
        case .delivered: .good
        case .failed: .bad
        case .discarded: .warn
        }
    }
}

/// A request to an endpoint, as the log has it.
private struct DeliveryAttempt: Decodable {
    let at: String
    let status_code: Int?
    let duration_ms: Double?
    let error: String?

    var words: String {
        let took = duration_ms.map { " after \(Words.number(Int($0.rounded()))) ms" } ?? ""
        if let status_code { return "answered \(status_code)\(took)" }
        return "\(error ?? "no answer")\(took)"
    }

    static func list(_ json: String) -> [DeliveryAttempt] {
        (try? JSONDecoder().decode([DeliveryAttempt].self, from: Data(json.utf8))) ?? []
    }
}
