import DevDatabase
import Foundation
import Outbound
import Postgres
import Synchronization

/// A database, simulators and nodes that belong to one test and end with it.
final class Cluster: Sendable {
    private struct State {
        var children: [ChildProcess] = []
        var nodes = 0
        var keys: [String: String] = [:]
    }

    let plan: ClusterPlan
    let folder: URL
    let databaseURL: String
    /// Of each account that has one, by its name.
    let simulators: [String: Simulator]
    private let program: String
    private let state = Mutex(State())

    private init(_ plan: ClusterPlan, server: PrivatePostgres, standby: PrivatePostgres?) async throws {
        self.plan = plan
        program = try SluiceProgram.path()
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-cluster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let database = "t" + UUID().uuidString.replacing("-", with: "").lowercased()
        try await server.createDatabase(database)
        databaseURL =
            standby.map {
                "postgres://\(PrivatePostgres.user)@/\(database)?host=\(server.socketFolder),\($0.socketFolder)"
            }
            ?? server.connectionString(database: database)
        var simulators: [String: Simulator] = [:]
        for account in plan.accounts where account.endpoint == nil {
            simulators[account.name] = Simulator(account: account, port: try await FreePort.next())
        }
        self.simulators = simulators
    }

    /// Makes a cluster with running simulators and without nodes, and ends everything after `body`, however it ends.
    ///
    /// - Parameter standby: named behind `server` in the connection string.
    static func with(
        _ plan: ClusterPlan = ClusterPlan(),
        server: PrivatePostgres? = DatabaseServer.shared,
        standby: PrivatePostgres? = nil,
        _ body: (Cluster) async throws -> Void
    ) async throws {
        guard let server else { throw TestFailure("there is no database server") }
        let cluster = try await Cluster(plan, server: server, standby: standby)
        let result: Result<Void, any Error>
        do {
            try await cluster.prepare()
            result = .success(try await body(cluster))
        } catch {
            result = .failure(TestFailure("\(error)\n\(cluster.complaints())"))
        }
        cluster.dispose()
        try result.get()
    }

    private func prepare() async throws {
        for name in simulators.keys { try await startSimulator(name) }
        _ = try await command("migrate").succeed()
        try await apply { _ in }
        for tenant in plan.tenants {
            // All that there are: that a key usually lacks one of them has a test of its own.
            let scopes = ["send", "read", "webhooks", "suppressions", "templates", "keys", "content"]
            let arguments = ["key", "create", "--tenant", tenant.name, "--json"] + scopes.flatMap { ["--scope", $0] }
            let text = try await command(arguments).succeed()
            let key = try JSONDecoder().decode(CreatedKey.self, from: Data(text.utf8)).key
            state.withLock { $0.keys[tenant.name] = key }
        }
    }

    /// Applies the plan after a change.
    func apply(prune: Bool = false, _ change: (inout ClusterPlan) -> Void) async throws {
        var plan = plan
        change(&plan)
        let file = folder.appending(path: "directory-\(UUID().uuidString).yaml")
        try Data(plan.yaml(endpoints: simulators.mapValues(\.url)).utf8).write(to: file)
        _ = try await command(["apply", file.path()] + (prune ? ["--prune"] : [])).succeed()
    }

    private struct CreatedKey: Decodable {
        let key: String
    }

    private func dispose() {
        for child in state.withLock(\.children) { child.dispose() }
        // Kept on demand, to see what the processes have said.
        if ProcessInfo.processInfo.environment["SLUICE_KEEP_LOGS"] == nil {
            try? FileManager.default.removeItem(at: folder)
        }
    }

    /// The last warnings and errors of each process.
    private func complaints() -> String {
        state.withLock(\.children).map { child in
            let lines = child.lines().filter { !$0.contains(#""level":"info""#) && !$0.contains(#""level":"debug""#) }
            return "\(child.name): \(child.isRunning ? "runs" : "has ended")\n"
                + lines.suffix(12).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    // MARK: Processes

    /// Nothing is inherited, so that no variable of the caller leads elsewhere.
    private var environment: [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": folder.path(),
            "SLUICE_DATABASE_URL": databaseURL,
            "SLUICE_LOG_FORMAT": "json",
            "AWS_ACCESS_KEY_ID": "AKIDTEST",
            "AWS_SECRET_ACCESS_KEY": "for-the-simulator-only",
            "AWS_EC2_METADATA_DISABLED": "true",
        ].merging(plan.environment) { $1 }
    }

    /// A run of `sluice`, of this build or another, with these arguments.
    func command(_ arguments: String..., program other: String? = nil) -> Program {
        command(arguments, program: other)
    }

    func command(_ arguments: [String], program other: String? = nil) -> Program {
        Program(path: other ?? program, arguments: arguments, environment: environment, folder: folder.path())
    }

    func startSimulator(_ account: String = "main") async throws {
        guard let simulator = simulators[account] else { throw TestFailure("there is no simulator \(account)") }
        let child = try await start(
            "simulator-\(account)",
            command(
                "simulator",
                "--port",
                "\(simulator.port)",
                "--rate",
                "\(simulator.account.rate)",
                "--daily",
                "1000000",
                "--latency",
                simulator.account.latency
            )
        )
        simulator.process.withLock { $0 = child }
        try await ready(child, url: simulator.url + "/_simulator/settings")
    }

    /// Starts a node and waits until it is ready, unless it never will be.
    func startNode(
        on ports: Node.Ports? = nil,
        environment: [String: String] = [:],
        program other: String? = nil,
        getsReady: Bool = true
    ) async throws -> Node {
        let number = state.withLock { state in
            state.nodes += 1
            return state.nodes
        }
        var listeners = ports
        if listeners == nil {
            listeners = Node.Ports(tenants: try await FreePort.next(), operators: try await FreePort.next())
        }
        guard let listeners else { throw TestFailure("no ports") }
        var program = command(
            "serve",
            "--listen-public",
            "127.0.0.1:\(listeners.tenants)",
            "--listen-operator",
            "127.0.0.1:\(listeners.operators)",
            program: other
        )
        program.environment.merge(environment) { $1 }
        let node = Node(ports: listeners, process: try await start("node-\(number)", program))
        if getsReady { try await ready(node.process, url: node.url + "/readyz") }
        return node
    }

    private func start(_ name: String, _ program: Program) async throws -> ChildProcess {
        let child = try await ChildProcess(name: name, program, folder: folder)
        state.withLock { $0.children.append(child) }
        return child
    }

    private func ready(_ child: ChildProcess, url: String) async throws {
        try await eventually("\(child.name) is ready", every: .milliseconds(20)) {
            guard child.isRunning else { throw TestFailure("\(child.name) has ended") }
            return (try? await LocalHTTP.send(.get, url))?.status == 200
        }
    }

    // MARK: What a test asks

    /// The simulator of the account `main`.
    var simulator: SimulatorAPI {
        get throws {
            guard let simulator = simulators["main"] else { throw TestFailure("there is no simulator") }
            return simulator.api
        }
    }

    func api(_ tenant: String = "apa", at node: Node) throws -> TenantAPI {
        guard let key = state.withLock({ $0.keys[tenant] }) else { throw TestFailure("there is no tenant \(tenant)") }
        return TenantAPI(url: node.url, key: key)
    }

    /// The one text that a query answers; nil when it answers none.
    func text(_ query: String) async throws -> String? {
        let connection = try await PostgresConnection.connect(try PostgresConfiguration(databaseURL))
        let text = try await connection.query("\(raw: query)").decode(String?.self).first ?? nil
        await connection.close()
        return text
    }

    /// How many rows some tables hold together.
    func rows(in tables: String...) async throws -> Int {
        let connection = try await PostgresConnection.connect(try PostgresConfiguration(databaseURL))
        var count = 0
        for table in tables {
            count += try await connection.query("SELECT count(*) FROM \(raw: table)").decode(Int.self).first ?? 0
        }
        await connection.close()
        return count
    }
}
