/// What was known in the end about mail whose feedback came doubled, reordered, late, and to a node that was killed.
public struct FeedbackResult: Sendable, Codable {
    public var messages: Int
    public var rate: Int
    public var kills: Int
    public var seconds: Double
    /// Different events that the tenant's endpoint got.
    public var events: Int
    /// Requests that brought an event again.
    public var doubled: Int
    public var wrongStatuses: [String]
    public var wrongEvents: [String]
    public var wrongPlaces: [String]
    public var wrongWebhooks: [String]
    /// From when SES says that it happened until the endpoint had it.
    public var eventToWebhook: Spread?

    public init(
        messages: Int,
        rate: Int,
        kills: Int,
        seconds: Double,
        events: Int,
        doubled: Int,
        wrongStatuses: [String],
        wrongEvents: [String],
        wrongPlaces: [String],
        wrongWebhooks: [String],
        eventToWebhook: Spread?
    ) {
        self.messages = messages
        self.rate = rate
        self.kills = kills
        self.seconds = seconds
        self.events = events
        self.doubled = doubled
        self.wrongStatuses = wrongStatuses
        self.wrongEvents = wrongEvents
        self.wrongPlaces = wrongPlaces
        self.wrongWebhooks = wrongWebhooks
        self.eventToWebhook = eventToWebhook
    }

    public var wrong: [String] { wrongStatuses + wrongEvents + wrongPlaces + wrongWebhooks }

    public var summary: String {
        let delay =
            eventToWebhook.map { "p50 \(Figures.milliseconds($0.p50)), p99 \(Figures.milliseconds($0.p99))" } ?? "-"
        return """
            \(messages) messages, feedback node killed \(kills) times: wrong statuses \(wrongStatuses.count), wrong events \
            \(wrongEvents.count), wrong places \(wrongPlaces.count), wrong webhooks \(wrongWebhooks.count); \(events) events, \
            \(doubled) told again, in \(Figures.seconds(seconds)); event to webhook \(delay)
            """
    }
}

/// How fast events are taken that piled up.
public struct BacklogResult: Sendable, Codable {
    public var messages: Int
    public var events: Int
    public var clients: Int
    public var seconds: Double
    /// CPU seconds per second.
    public var node: Double
    public var database: Double
    /// Rows that still have no final status.
    public var unapplied: Int

    public init(
        messages: Int,
        events: Int,
        clients: Int,
        seconds: Double,
        node: Double,
        database: Double,
        unapplied: Int
    ) {
        self.messages = messages
        self.events = events
        self.clients = clients
        self.seconds = seconds
        self.node = node
        self.database = database
        self.unapplied = unapplied
    }

    public var perSecond: Double { Double(events) / seconds }

    public var summary: String {
        """
        \(events) signed events of \(messages) messages drained in \(Figures.seconds(seconds)): \
        \(Figures.decimals(perSecond, 0)) a second, node \(Figures.percent(node)) and PostgreSQL \
        \(Figures.percent(database)) of a core
        """
    }
}

/// Both, as one run of the command gives them.
public struct FeedbackFigures: Sendable, Codable {
    public var run: FeedbackResult
    public var backlog: BacklogResult

    public init(run: FeedbackResult, backlog: BacklogResult) {
        self.run = run
        self.backlog = backlog
    }
}
