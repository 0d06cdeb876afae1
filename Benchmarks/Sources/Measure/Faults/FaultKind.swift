/// What breaks in a run of the fault suite. The raw values are what `--only` and the JSON say.
public enum FaultKind: String, CaseIterable, Codable, Sendable {
    case killGateway = "kill-gateway"
    case killLeader = "kill-leader"
    case killWorker = "kill-worker"
    case killFeedback = "kill-feedback"
    case killWebhooks = "kill-webhooks"
    case killDatabase = "kill-database"
    case killBackends = "kill-backends"
    case stopNode = "stop-node"
    case stopLeader = "stop-leader"
    case stopDatabase = "stop-database"
    case terminateSessions = "sessions-terminated"
    case exhaustConnections = "sessions-exhausted"
    case fillDisk = "disk-full"
    case stepNodeClock = "clock-node"
    case stepDatabaseClock = "clock-database"
    case failCalls = "ses-errors"
    case delayCalls = "ses-slow"
    case loseEvents = "ses-events"
    case cutNetwork = "network-cut"
    case slowNetwork = "network-slow"

    public var words: String {
        switch self {
        case .killGateway: "`kill -9` of a gateway"
        case .killLeader: "`kill -9` of the leader"
        case .killWorker: "`kill -9` of a worker"
        case .killFeedback: "`kill -9` of a node that takes feedback"
        case .killWebhooks: "`kill -9` of a node that delivers webhooks"
        case .killDatabase: "`kill -9` of PostgreSQL"
        case .killBackends: "`kill -9` of a PostgreSQL backend"
        case .stopNode: "a node stopped (SIGSTOP), longer than its lease"
        case .stopLeader: "the leader stopped, longer than its lease"
        case .stopDatabase: "PostgreSQL stopped"
        case .terminateSessions: "every session terminated, again and again"
        case .exhaustConnections: "every connection taken by somebody else"
        case .fillDisk: "PostgreSQL's disk full"
        case .stepNodeClock: "a node's clock stepped by an hour"
        case .stepDatabaseClock: "PostgreSQL's clock stepped by an hour"
        case .failCalls: "SES resets, fails and throttles calls"
        case .delayCalls: "SES slow, or never answering"
        case .loseEvents: "feedback lost, doubled, late"
        case .cutNetwork: "a node cut off from PostgreSQL"
        case .slowNetwork: "the network to PostgreSQL slow"
        }
    }

    /// What it breaks. Two faults of one of these never overlap; of the nodes, each breaks another one.
    public enum Target: Hashable, Sendable {
        case node, database, calls, events
    }

    public var target: Target {
        switch self {
        case .killGateway, .killLeader, .killWorker, .killFeedback, .killWebhooks, .stopNode, .stopLeader,
            .stepNodeClock, .cutNetwork:
            .node
        case .killDatabase, .killBackends, .stopDatabase, .terminateSessions, .exhaustConnections, .fillDisk,
            .stepDatabaseClock, .slowNetwork:
            .database
        case .failCalls, .delayCalls: .calls
        case .loseEvents: .events
        }
    }

    /// How long it lasts, in seconds: of a kill, until the program is started again.
    var length: ClosedRange<Double> {
        switch self {
        case .killGateway, .killLeader, .killWorker, .killFeedback, .killWebhooks: 0.2...3
        case .killDatabase: 0.2...2
        case .killBackends, .terminateSessions: 0.5...2
        // A lease holds for 3 s.
        case .stopNode, .stopLeader, .cutNetwork: 3.5...6
        case .stopDatabase: 1...5
        case .exhaustConnections, .fillDisk: 1...4
        case .stepNodeClock, .stepDatabaseClock, .slowNetwork: 1...4
        case .failCalls, .delayCalls, .loseEvents: 2...6
        }
    }
}
