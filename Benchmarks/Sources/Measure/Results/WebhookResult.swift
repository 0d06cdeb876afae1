/// How long events took to reach endpoints that answer at once, beside one that hangs or without it.
public struct WebhookResult: Sendable, Codable {
    /// Whether one more endpoint answered each request after 15 s.
    public var isBesideHanging: Bool
    public var endpoints: Int
    public var seconds: Double
    public var deliveries: Int
    /// Deliveries that never came.
    public var missing: Int
    /// Requests that the hanging endpoint had.
    public var hanging: Int
    /// From when the event happened until the endpoint had it.
    public var delay: Spread?

    public init(
        isBesideHanging: Bool,
        endpoints: Int,
        seconds: Double,
        deliveries: Int,
        missing: Int,
        hanging: Int,
        delay: Spread?
    ) {
        self.isBesideHanging = isBesideHanging
        self.endpoints = endpoints
        self.seconds = seconds
        self.deliveries = deliveries
        self.missing = missing
        self.hanging = hanging
        self.delay = delay
    }

    public var summary: String {
        let delay = delay.map { "p50 \(Figures.milliseconds($0.p50)), p99 \(Figures.milliseconds($0.p99))" } ?? "-"
        let beside = isBesideHanging ? "beside one that hangs (\(hanging) requests)" : "all quick"
        return
            "\(endpoints) endpoints, \(beside): \(deliveries) deliveries, \(missing) missing; event to webhook \(delay)"
    }
}
