import Measure

/// How the processes of a run are set up.
struct FaultWorld: Sendable {
    static let rate = 100
    static let window: Int64 = 1_000_000_000
    static let shares = [
        SharePlan("AT", rate: 40, ceiling: 40, lend: false), SharePlan("UK", rate: 30, ceiling: 60),
        SharePlan("other", rate: 30, ceiling: nil),
    ]
    private static let topic = "arn:aws:sns:eu-central-1:123456789012:sluice-feedback"

    let plan: FaultPlan
    /// Of the run; it has the logs.
    let folder: String
    /// By node; empty where no node's clock is stepped.
    let clocks: [Int: FakeClock]
    let databaseClock: FakeClock?

    init(plan: FaultPlan, folder: String) throws {
        self.plan = plan
        self.folder = folder
        let nodes = Self.roles(plan.layout).count
        clocks =
            plan.has(.stepNodeClock)
            ? Dictionary(
                uniqueKeysWithValues: try (1...nodes).compactMap { node in
                    try FakeClock(file: "\(folder)/clock-\(node)").map { (node, $0) }
                }
            ) : [:]
        databaseClock = plan.has(.stepDatabaseClock) ? try FakeClock(file: "\(folder)/clock-database") : nil
    }

    private static func roles(_ layout: FaultPlan.Layout) -> [String] {
        switch layout {
        case .split: ["gateway", "dispatch", "dispatch", "feedback", "webhooks"]
        case .whole: ["gateway,dispatch,feedback,webhooks", "gateway,dispatch,feedback,webhooks"]
        }
    }

    func database(hasSmallDisk: Bool) -> DatabasePlan {
        var database = DatabasePlan()
        // Few enough that somebody can take them all; small files, so that a small disk holds them.
        database.settings = ["max_connections=120", "max_wal_size=24MB", "min_wal_size=8MB", "shared_buffers=64MB"]
        database.initialisation = ["--wal-segsize=1"]
        database.environment = databaseClock?.environment ?? [:]
        database.hasSmallDisk = hasSmallDisk
        return database
    }

    var bed: BedPlan {
        var bed = BedPlan()
        bed.rate = Self.rate
        bed.latency = "20ms..60ms"
        bed.shares = Self.shares
        bed.roles = Self.roles(plan.layout)
        bed.nodes = bed.roles.count
        bed.isProxied = plan.has(.cutNetwork, .slowNetwork)
        bed.folder = folder
        bed.account = ["sns_topics: [\"\(Self.topic)\"]", BedPlan.anyReputation]
        bed.configuration = """
            feedback: {trusted_certificates: [FOLDER/simulator.pem.crt]}
            webhooks: {allow_networks: [127.0.0.0/8], allow_http: true}

            """
        let clocks = clocks
        bed.environment = { node in
            var environment = clocks[node]?.environment ?? [:]
            environment["SLUICE_UNKNOWN_GRACE"] = "2s"
            return environment
        }
        let (seed, feedback) = (plan.seed, bed.roles.firstIndex { $0.contains("feedback") } ?? 0)
        bed.simulator = { ports, folder in
            [
                "--certificate", "\(folder)/simulator.pem", "--topic", Self.topic, "--seed", "\(seed)",
                "--notify", "http://127.0.0.1:\(ports[feedback])/feedback/sns/main", "--notify-retries", "200",
                "--notify-backoff", "500ms", "--event-delay", "20ms..300ms", "--bounce-rate", "0.05",
                "--complaint-rate", "0.01", "--delay-rate", "0.05",
            ]
        }
        return bed
    }
}
