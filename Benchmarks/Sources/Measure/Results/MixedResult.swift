/// Everything at once: mail accepted at an even rate, sent, reported on and told to a webhook.
public struct MixedResult: Sendable, Codable {
    /// Messages a second, each posted at its own instant whatever became of the others.
    public var rate: Int
    public var seconds: Double
    public var accepted: Int
    public var refused: Int
    /// Of the accepted ones, those that SES took.
    public var sent: Int
    /// From the instant at which it was to be posted until the 202.
    public var intendedToAccepted: Spread?
    /// From the 202 until SES counted it; nought where SES was first.
    public var acceptedToSent: Spread?
    public var intendedToSent: Spread?
    /// From the queue until the event was applied and deleted.
    public var queueToApplied: Spread?
    /// From SES's word until the webhook, the queue and the applying in between.
    public var eventToWebhook: Spread?
    public var webhooks: Int
    /// CPU seconds per second.
    public var node: Double
    public var database: Double
    public var simulator: Double
    /// Of the clients, the queue and the endpoint.
    public var clients: Double

    public init(
        rate: Int,
        seconds: Double,
        accepted: Int,
        refused: Int,
        sent: Int,
        intendedToAccepted: Spread?,
        acceptedToSent: Spread?,
        intendedToSent: Spread?,
        queueToApplied: Spread?,
        eventToWebhook: Spread?,
        webhooks: Int,
        node: Double,
        database: Double,
        simulator: Double,
        clients: Double
    ) {
        self.rate = rate
        self.seconds = seconds
        self.accepted = accepted
        self.refused = refused
        self.sent = sent
        self.intendedToAccepted = intendedToAccepted
        self.acceptedToSent = acceptedToSent
        self.intendedToSent = intendedToSent
        self.queueToApplied = queueToApplied
        self.eventToWebhook = eventToWebhook
        self.webhooks = webhooks
        self.node = node
        self.database = database
        self.simulator = simulator
        self.clients = clients
    }

    public var summary: String {
        func text(_ spread: Spread?) -> String {
            spread.map { "\(Figures.milliseconds($0.p50)) / \(Figures.milliseconds($0.p99))" } ?? "-"
        }
        return """
            \(rate)/s for \(Figures.decimals(seconds, 0)) s: \(accepted) accepted, \(refused) refused, \(sent) sent, \
            \(webhooks) webhooks; p50 / p99: to 202 \(text(intendedToAccepted)), 202 to SES \(text(acceptedToSent)), \
            to SES \(text(intendedToSent)), queue to applied \(text(queueToApplied)), event to webhook \
            \(text(eventToWebhook)); cores: node \(Figures.decimals(node, 2)), PostgreSQL \(Figures.decimals(database, 2)), \
            simulator \(Figures.decimals(simulator, 2)), clients \(Figures.decimals(clients, 2))
            """
    }
}
