/// What happens to a cluster while it sends.
enum Fault: String, CaseIterable, Sendable {
    case nodeKilled = "a node killed, restarted after 3 s"
    case leaderKilled = "the leader killed, restarted after 3 s"
    case nodePaused = "a node paused for 10 s"
    case leaderPaused = "the leader paused for 10 s"
    case leaderCut = "the leader cut off from PostgreSQL for 10 s"
    case nodeRefused = "a node's connections to PostgreSQL closed, and refused for 10 s"
    case databaseRestarted = "PostgreSQL restarted"
    case changed = "quota and shares lowered, raised after 10 s"

    /// For the names of cells.
    var label: String { "\(self)" }

    var needsProxies: Bool { self == .leaderCut || self == .nodeRefused }
    var needsLeader: Bool { self == .leaderKilled || self == .leaderPaused || self == .leaderCut }
}
