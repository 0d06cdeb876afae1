/// What nodes cost while so many lanes were routed.
public struct CostResult: Sendable, Codable {
    public var lanes: Int
    /// Messages per second, over all lanes.
    public var posted: Int
    public var seconds: Double
    /// CPU seconds per second.
    public var leader: Double
    public var follower: Double
    public var database: Double

    public init(lanes: Int, posted: Int, seconds: Double, leader: Double, follower: Double, database: Double) {
        self.lanes = lanes
        self.posted = posted
        self.seconds = seconds
        self.leader = leader
        self.follower = follower
        self.database = database
    }

    public var summary: String {
        "leader \(Figures.percent(leader)) of a core, other node \(Figures.percent(follower)), PostgreSQL "
            + Figures.percent(database)
    }
}
