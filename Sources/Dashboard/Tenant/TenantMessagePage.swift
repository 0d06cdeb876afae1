import FoundationEssentials
import Mail
public import Outbox
public import Webhooks

public import struct Foundation.Date

/// The story of one message.
public struct TenantMessagePage: Sendable {
    /// A webhook request about it.
    public struct Told: Sendable {
        let endpoint: WebhookEndpoint
        let delivery: WebhookDelivery

        public init(endpoint: WebhookEndpoint, delivery: WebhookDelivery) {
            self.endpoint = endpoint
            self.delivery = delivery
        }
    }

    let message: MessageView
    let events: [MessageEvent]
    let told: [Told]
    let lane: String?
    /// What the key may do.
    let canCancel: Bool
    let canReadContent: Bool
    let now: Date

    public init(
        message: MessageView,
        events: [MessageEvent],
        told: [Told] = [],
        lane: String?,
        canCancel: Bool,
        canReadContent: Bool,
        now: Date
    ) {
        self.message = message
        self.events = events
        self.told = told
        self.lane = lane
        self.canCancel = canCancel
        self.canReadContent = canReadContent
        self.now = now
    }

    public var page: DashboardPage {
        let subject = message.subject.flatMap { $0.isEmpty ? nil : $0 } ?? "(no subject)"
        return DashboardPage(
            title: subject,
            section: "/dashboard/messages",
            body: """
                <p class="crumbs"><a href="/dashboard/messages">Messages</a></p>
                <div class="head"><h1>\(subject)</h1><span id="status" data-part>\(StatusBadge.html(message.summary))</span>
                <span class="push">\(actions)</span></div>
                <div id="waiting" data-part>\(waiting)</div>
                <div class="columns">
                <section class="card" aria-labelledby="story"><h2 id="story">What happened</h2>
                <div id="events" data-part>\(timeline)</div></section>
                <div>
                <section class="card"><h2>The message</h2>\(facts)</section>
                <section class="card"><h2>Recipients</h2><div id="recipients" data-part>\(recipients)</div></section>
                </div></div>
                """,
            // What is over hardly changes.
            refresh: message.waiting != nil || now.timeIntervalSince(message.createdAt) < 600 ? 3 : 30
        )
    }

    private var actions: HTML {
        let path = "/dashboard/messages/\(message.id)/content"
        let content: HTML? = canReadContent ? "<a class=\"button quiet\" href=\"\(path)\">What it says</a>" : nil
        let cancel: HTML? =
            canCancel && message.waiting != nil
            ? Controls.action(
                "Cancel",
                "POST /messages/\(message.id)/cancel",
                done: "Canceled for {canceled}; too late for {too_late}.",
                confirm: "Cancel what of this message was not sent yet?",
                look: "danger"
            ) : nil
        return "\(content) \(cancel)"
    }

    private var waiting: HTML {
        guard let waiting = message.waiting else { return .empty }
        var parts: [HTML] = ["<strong>\(WaitingWords.text(waiting.blocker))</strong>"]
        if let detail = waiting.detail { parts.append("<br>\(detail)") }
        var facts: [HTML] = []
        if let position = waiting.position { facts.append("place \(Words.number(position)) in its lane") }
        if let rate = waiting.rate { facts.append("which gets \(Words.decimal(rate)) a second") }
        if let until = waiting.until { facts.append("tried next at \(Words.time(until)) UTC") }
        if let eta = waiting.eta {
            let seconds = eta.timeIntervalSince(now)
            facts.append(seconds > 1 ? "expected to go in \(Words.duration(seconds))" : "expected to go now")
        }
        if !facts.isEmpty {
            parts.append("<br><span class=\"soft\">")
            for (index, fact) in facts.enumerated() { parts.append(index == 0 ? fact : ", \(fact)") }
            parts.append(".</span>")
        }
        return "<p class=\"note warn\">\(parts)</p>"
    }

    private struct Step {
        let at: Date
        let html: HTML
    }

    private var timeline: HTML {
        let happened = events.map { event in
            Step(
                at: event.at,
                html: step(
                    event.at,
                    EventWords.text(event.type),
                    EventWords.tone(event.type),
                    event.recipient,
                    detail(event)
                )
            )
        }
        let told = told.map { told in
            let words = "Webhook \(told.delivery.type.replacing("email.", with: "")): \(told.delivery.status.name)"
            let tone: Badge.Tone =
                switch told.delivery.status {
                case .delivered: .good
                case .pending: .plain
                case .failed, .discarded: .bad
                }
            let link: HTML =
                "<a href=\"/dashboard/webhooks/\(told.endpoint.id.uuidString.lowercased())\">\(told.endpoint.url)</a>"
            return Step(at: told.delivery.createdAt, html: step(told.delivery.createdAt, words, tone, nil, link))
        }
        let steps = (happened + told).sorted { $0.at < $1.at }.map(\.html)
        return steps.isEmpty
            ? "<p class=\"empty\">Nothing is known of it any more.</p>" : "<ol class=\"timeline\">\(steps)</ol>"
    }

    private func step(_ at: Date, _ words: String, _ tone: Badge.Tone, _ recipient: String?, _ detail: HTML?) -> HTML {
        let whose: HTML? = message.recipients.count > 1 ? recipient.map { "<span class=\"soft\">\($0)</span>" } : nil
        let more: HTML? = detail.map { "<div class=\"detail\">\($0)</div>" }
        return """
            <li class="\(tone.rawValue)"><span class="when">\(Words.time(at))\
            <span class="soft"> +\(Words.duration(max(0, at.timeIntervalSince(message.createdAt))))</span></span>
            <div><strong>\(words)</strong> \(whose)\(more)</div></li>
            """
    }

    /// What SES said, in its words: the reason on the line, all of it behind a fold.
    private func detail(_ event: MessageEvent) -> HTML? {
        guard let data = event.data, data != "{}" else { return nil }
        let reason = EventData.reason(in: data)
        let words: HTML? = reason.map { "\($0)" }
        return """
            \(words)<details id="event-\(event.id)"><summary>Details</summary><pre tabindex="0"><code>\(EventData.pretty(data))</code></pre></details>
            """
    }

    private var facts: HTML {
        var facts: [(String, HTML)] = [
            ("Id", "<code>\(message.id.description)</code> \(Controls.copy(message.id.description, "the id"))"),
            ("From", "\((try? EmailAddress(parsing: message.from))?.displayText ?? message.from)"),
            ("Accepted", "\(Words.time(message.createdAt)) UTC"),
        ]
        if let at = message.scheduledAt { facts.append(("To be sent", "\(Words.time(at)) UTC")) }
        if let at = message.expiresAt { facts.append(("Not after", "\(Words.time(at)) UTC")) }
        facts.append(("Region, stream", "\(message.region), \(message.stream)"))
        if let lane { facts.append(("Lane", "<code>\(lane)</code>")) }
        let tags = EventData.members(of: message.tags)
        if !tags.isEmpty {
            facts.append(("Tags", "\(tags.map { name, value -> HTML in "<code>\(name)=\(value)</code> " })"))
        }
        let metadata = EventData.members(of: message.metadata)
        if !metadata.isEmpty {
            facts.append(("Metadata", "\(metadata.map { name, value -> HTML in "<code>\(name)=\(value)</code> " })"))
        }
        if message.isTest { facts.append(("Test", "answered here, and never sent")) }
        return "<dl class=\"facts\">\(facts.map { name, value -> HTML in "<dt>\(name)</dt><dd>\(value)</dd>" })</dl>"
    }

    private var recipients: HTML {
        let rows = message.recipients.map { recipient -> [HTML] in
            let why: HTML? = recipient.detail.map { "<br><span class=\"soft\">\($0)</span>" }
            let missing: HTML? =
                recipient.isFeedbackMissing ? "<br><span class=\"soft\">Amazon SES has said nothing since.</span>" : nil
            return [
                "\(recipient.email)", "\(StatusBadge.html(recipient.status))\(why)\(missing)",
                "\(Words.number(recipient.attempts))",
            ]
        }
        let table = Table("Recipients", [.text("Address"), .text("Status"), .number("Attempts")], rows: rows).html
        guard let crowd = message.crowd else { return table }
        let next: HTML? = crowd.next.map {
            "<a class=\"button quiet\" href=\"/dashboard/messages/\(message.id.description)?after=\($0.description)\">More of them</a>"
        }
        return """
            \(table)<p class="soft">\(Words.number(message.recipients.count)) of \(Words.number(crowd.recipients)) are shown, and what \
            happened to them. \(next)</p>
            """
    }
}

/// Why mail waits.
enum WaitingWords {
    static func text(_ blocker: MessageView.Waiting.Blocker) -> String {
        switch blocker {
        case .share: "It waits for its turn: its share sends as fast as it may."
        case .accountQuota: "It waits for its turn: the account sends as fast as Amazon SES lets it."
        case .paused: "It waits: sending is paused."
        case .dailyQuota: "It waits: the account's quota of 24 hours is used up."
        case .schedule: "It waits for its time."
        case .retry: "It will be tried again."
        }
    }

    /// Of a lane.
    static func short(_ blocker: MessageView.Waiting.Blocker?) -> String {
        switch blocker {
        case nil: "open"
        case .share?: "share is full"
        case .accountQuota?: "account is full"
        case .paused?: "paused"
        case .dailyQuota?: "24-hour quota is used up"
        case .schedule?: "scheduled"
        case .retry?: "tried again"
        }
    }
}
