/// What a tenant wants kept for shorter than the node's retention keeps it. Nil: as long as that.
public struct RetentionWish: Hashable, Sendable {
    public static let leastBodies = Duration.seconds(3600)
    /// A temporary refusal or an unknown outcome may take days to come to its end.
    public static let leastAddresses = Duration.seconds(3 * 86_400)
    /// A webhook is tried for 76 hours, and an endpoint that fails is given up after 5 days: it has its events until then.
    public static let leastEvents = Duration.seconds(7 * 86_400)

    public var bodies: Duration?
    public var addresses: Duration?
    public var events: Duration?

    public init(bodies: Duration? = nil, addresses: Duration? = nil, events: Duration? = nil) {
        self.bodies = bodies
        self.addresses = addresses
        self.events = events
    }

    /// Each that is too short, with the least that it may be in seconds.
    public var faults: [(member: String, least: Int64)] {
        let all: [(String, Duration?, Duration)] = [
            ("bodies", bodies, Self.leastBodies), ("addresses", addresses, Self.leastAddresses),
            ("events", events, Self.leastEvents),
        ]
        return all.compactMap { member, wish, least in
            guard let wish, wish < least else { return nil }
            return (member, least.components.seconds)
        }
    }
}
