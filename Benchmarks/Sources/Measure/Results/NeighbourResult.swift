/// How long the mail of small tenants took, while so many rows of a large one waited.
public struct NeighbourResult: Sendable, Codable {
    public var tenants: Int
    /// Rows in the queues when the window ended.
    public var queued: Int
    /// Recipients a second.
    public var quota: Int
    public var seconds: Double
    public var accepted: Int
    /// Of those, not sent a second after the window's end.
    public var missing: Int
    /// Messages of the large one that were sent meanwhile.
    public var others: Int
    /// Seconds from the 202 until SES counted the send.
    public var delay: Spread?

    public init(
        tenants: Int,
        queued: Int,
        quota: Int,
        seconds: Double,
        accepted: Int,
        missing: Int,
        others: Int,
        delay: Spread?
    ) {
        self.tenants = tenants
        self.queued = queued
        self.quota = quota
        self.seconds = seconds
        self.accepted = accepted
        self.missing = missing
        self.others = others
        self.delay = delay
    }

    /// The p99 alone and beside the backlog, of the median window each.
    static func p99s(_ cells: [NeighbourResult]) -> (quiet: Double, noisy: Double)? {
        let quiet = Spread(cells.filter { !$0.isBesideBacklog }.compactMap(\.delay?.p99))?.p50
        let noisy = Spread(cells.filter(\.isBesideBacklog).compactMap(\.delay?.p99))?.p50
        guard let quiet, let noisy, quiet > 0 else { return nil }
        return (quiet, noisy)
    }

    /// Whether another's backlog waited.
    public var isBesideBacklog: Bool { queued > accepted }

    public var summary: String {
        let delay = delay.map { "p50 \(Figures.milliseconds($0.p50)), p99 \(Figures.milliseconds($0.p99))" } ?? "-"
        return
            "\(queued) rows queued: \(accepted) messages of \(tenants) tenants, \(missing) missing; accept to SES \(delay)"
    }
}
