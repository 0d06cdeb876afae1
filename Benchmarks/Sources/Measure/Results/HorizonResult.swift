/// What was sent beside a snapshot that was held all the time, or without one.
public struct HorizonResult: Sendable, Codable {
    public var isPinned: Bool
    /// Messages a second that were posted first, for so many seconds.
    public var rate: Int
    public var seconds: Double
    public var accepted: Int
    public var missing: Int
    /// Seconds from the 202 until SES counted the send.
    public var delay: Spread?
    /// In all tables, after that.
    public var deadRows: Int
    /// Messages that were queued then, and the seconds until SES had all of them.
    public var backlog: Int
    public var drainedIn: Double
    /// CPU seconds meanwhile.
    public var node: Double
    public var database: Double

    public init(
        isPinned: Bool,
        rate: Int,
        seconds: Double,
        accepted: Int,
        missing: Int,
        delay: Spread?,
        deadRows: Int,
        backlog: Int,
        drainedIn: Double,
        node: Double,
        database: Double
    ) {
        self.isPinned = isPinned
        self.rate = rate
        self.seconds = seconds
        self.accepted = accepted
        self.missing = missing
        self.delay = delay
        self.deadRows = deadRows
        self.backlog = backlog
        self.drainedIn = drainedIn
        self.node = node
        self.database = database
    }

    /// Messages a second without the snapshot and beside it, medians.
    static func rates(_ cells: [HorizonResult]) -> (clean: Double, pinned: Double)? {
        let clean = Spread(cells.filter { !$0.isPinned }.map(\.perSecond))?.p50
        let pinned = Spread(cells.filter(\.isPinned).map(\.perSecond))?.p50
        guard let clean, let pinned, clean > 0 else { return nil }
        return (clean, pinned)
    }

    public var perSecond: Double { drainedIn > 0 ? Double(backlog) / drainedIn : 0 }

    public var summary: String {
        let delay = delay.map { "p50 \(Figures.milliseconds($0.p50)), p99 \(Figures.milliseconds($0.p99))" } ?? "-"
        let micro = 1e6 / Double(max(1, backlog))
        return "\(isPinned ? "pinned" : "clean"): accept to SES at \(rate)/s \(delay); \(deadRows) dead rows; then "
            + "\(Figures.decimals(perSecond, 0))/s, node \(Figures.decimals(node * micro, 0)) us and PostgreSQL "
            + "\(Figures.decimals(database * micro, 0)) us a message"
    }
}
