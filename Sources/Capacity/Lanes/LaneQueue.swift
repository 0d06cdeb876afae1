/// Names one queue: a lane and a priority class within it.
public struct LaneQueue: Hashable, Sendable {
    /// The lane's number in the directory.
    public let lane: Int32
    public let priority: PriorityClass

    public init(lane: Int32, priority: PriorityClass) {
        self.lane = lane
        self.priority = priority
    }
}

/// The classes inside a lane, best first.
public enum PriorityClass: Int, CaseIterable, Sendable {
    case high = 0
    case normal = 1
    case bulk = 2

    /// The order in which a lane's classes are looked at on its nth turn: the best class first, but every tenth turn
    /// asks `bulk` first and every tenth asks `normal`, which keeps a floor of 10 % for each of the lower classes.
    static func order(turn: Int) -> [PriorityClass] {
        switch turn % 10 {
        case 4: normalFirst
        case 9: bulkFirst
        default: bestFirst
        }
    }

    private static let bestFirst: [PriorityClass] = [.high, .normal, .bulk]
    private static let normalFirst: [PriorityClass] = [.normal, .high, .bulk]
    private static let bulkFirst: [PriorityClass] = [.bulk, .high, .normal]
}
