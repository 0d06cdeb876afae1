/// What was measured in one cell of B7.
public struct CellResult: Sendable, Codable {
    public var name: String
    /// `sluice`, or the name of a comparator.
    public var system: String
    /// Recipients per second.
    public var rate: Int
    public var nodes: Int
    public var latency: String
    public var fault: String?
    public var lanes: Int?
    /// How long it ran, in seconds.
    public var seconds: Double
    /// Recipients that SES took.
    public var sent: Int
    /// The most recipients that were offered to SES in any window.
    public var most: Int
    /// Windows that were offered more than the quota; each ends at another call.
    public var over: Int
    /// Calls that SES refused for the rate.
    public var throttled: Int
    /// Windows over the ceiling of each share that has one, by its name.
    public var overCeiling: [String: Int]
    /// Of what credits allow, in windows in which every share had backlog.
    public var saturated: Spread?
    /// Of what credits allow, while demand came and went.
    public var overall: Spread?
    /// The most that a backlogged share was from its guarantee, in credits, while all had backlog (I4).
    public var deviation: Double?
    /// The least part of its guarantee that a share with backlog got (I5).
    public var guarantee: Double?
    /// Seconds from the 202 to the first send of a share that had been idle (I6).
    public var waking: Spread?
    /// Of the lanes of one share, all with backlog: the most sends of one and the least of another.
    public var laneSends: [Int]?
    /// Promised recipients that SES never took.
    public var lost: Int
    /// Takes beyond the first of a recipient.
    public var duplicates: Int
    /// Duplicates that no outcome recorded as unknown explains.
    public var unexplained: Int
    /// Outcomes recorded as unknown, of messages that were taken more than once.
    public var unknown: Int
    /// Posts without an answer that may have been accepted.
    public var uncertain: Int
    /// Messages that SES took although no client saw their 202.
    public var phantoms: Int
    public var pause: Pause?
    /// Seconds from the end of `apply` until no window was over the new limits.
    public var inForce: Double?
    /// Recipients offered in the window before, every 50 ms; only of the cells that are drawn.
    public var series: [Int]?

    public init(name: String, system: String, rate: Int, nodes: Int, latency: String, seconds: Double) {
        self.name = name
        self.system = system
        self.rate = rate
        self.nodes = nodes
        self.latency = latency
        self.seconds = seconds
        sent = 0
        most = 0
        over = 0
        throttled = 0
        overCeiling = [:]
        lost = 0
        duplicates = 0
        unexplained = 0
        unknown = 0
        uncertain = 0
        phantoms = 0
    }

    /// The fewest that one line can say it in.
    public var summary: String {
        var parts = [
            "\(sent) sent", "windows over \(over) (most \(most) of \(rate))", "throttled \(throttled)", "lost \(lost)",
        ]
        let ceilings = overCeiling.values.reduce(0, +)
        if !overCeiling.isEmpty { parts.append("over a ceiling \(ceilings)") }
        if let saturated { parts.append("utilisation \(Figures.percent(saturated.mean))") }
        if let overall { parts.append("moving \(Figures.percent(overall.mean))") }
        if let waking { parts.append("wakes in \(Figures.milliseconds(waking.p50)) p50") }
        if duplicates > 0 || unknown > 0 { parts.append("\(duplicates) twice, \(unexplained) unexplained") }
        if let pause { parts.append("resumed after \(Figures.seconds(pause.resumed))") }
        if let inForce { parts.append("in force after \(Figures.seconds(inForce))") }
        if let laneSends { parts.append("lanes \(laneSends.map(String.init).joined(separator: " to "))") }
        return parts.joined(separator: ", ")
    }
}
