/// How long what kind of data is kept. Partitions hold a day, so that a row is dropped up to a day later.
public struct Retention: Equatable, Sendable {
    public static let leastBodies = Duration.seconds(86_400)
    /// A temporary refusal or an unknown outcome may take days to come to its end.
    public static let leastMessages = Duration.seconds(3 * 86_400)
    /// A webhook is tried for 76 hours, and an endpoint that fails is given up after 5 days: it has its events until then.
    public static let leastEvents = Duration.seconds(7 * 86_400)

    public var bodies: Duration
    public var messages: Duration
    public var events: Duration

    public init(
        bodies: Duration = .seconds(7 * 86_400),
        messages: Duration = .seconds(90 * 86_400),
        events: Duration = .seconds(90 * 86_400)
    ) {
        self.bodies = bodies
        self.messages = messages
        self.events = events
    }

    /// In seconds, by the words of `day_partitioned.kept`. An answer to an `Idempotency-Key` is given again for a day at least.
    var ages: [(kept: String, seconds: Int64)] {
        [
            ("bodies", bodies.components.seconds), ("messages", messages.components.seconds),
            ("events", events.components.seconds), ("idempotency", 86_400),
        ]
    }
}
