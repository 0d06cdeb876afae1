/// What was to be reached, and what was.
public struct Goal: Sendable, Equatable {
    /// The benchmark.
    public var id: String
    public var goal: String
    public var measured: String
    public var isMet: Bool

    public init(id: String, goal: String, measured: String, isMet: Bool) {
        self.id = id
        self.goal = goal
        self.measured = measured
        self.isMet = isMet
    }

    public static func table(_ goals: [Goal]) -> String {
        var table = Table(["", "goal", "measured", "met"])
        for goal in goals { table.add([goal.id, goal.goal, goal.measured, goal.isMet ? "yes" : "**no**"]) }
        return table.text
    }
}
