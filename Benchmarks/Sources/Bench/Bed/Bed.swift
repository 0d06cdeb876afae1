import Foundation
import Measure
import NIOHTTP1
import Synchronization

/// The processes and the database of one cell; they end with it.
final class Bed: Sendable {
    private struct State {
        var children: [Child] = []
        var proxies: [DatabaseProxy] = []
        var nodes: [NodeProcess] = []
        var simulator: SimulatorProcess?
        var keys: [String] = []
    }

    private static let count = Atomic<Int>(0)

    let plan: BedPlan
    let server: DatabaseServer
    let database: String
    let folder: String
    private let program: String
    private let state = Mutex(State())

    private init(_ plan: BedPlan, server: DatabaseServer) throws {
        self.plan = plan
        self.server = server
        let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
        database = "cell\(number)"
        folder =
            plan.folder
            ?? FileManager.default.temporaryDirectory.appending(
                path: "sluice-bench-\(ProcessInfo.processInfo.processIdentifier)-\(number)"
            ).path(percentEncoded: false)
        program = try plan.program ?? SluiceProgram.path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Makes all of it, runs `body` and ends all of it, however `body` ends.
    static func with<Value>(
        _ plan: BedPlan,
        server: DatabaseServer,
        _ body: (Bed) async throws -> Value
    ) async throws -> Value {
        let bed = try Bed(plan, server: server)
        let result: Result<Value, any Error>
        do {
            try await bed.prepare()
            result = .success(try await body(bed))
        } catch is CancellationError {
            result = .failure(CancellationError())
        } catch {
            let complaints = bed.state.withLock(\.children).map { $0.complaints() }.joined(separator: "\n")
            result = .failure(Failure("\(error)\n\(complaints)"))
        }
        bed.dispose()
        // One that is still there when the server goes does no harm.
        try? await server.dropDatabase(bed.database)
        return try result.get()
    }

    private func dispose() {
        let state = state.withLock(\.self)
        for node in state.nodes {
            node.tenants.close()
            node.operators.close()
        }
        state.simulator?.peer.close()
        for child in state.children { child.dispose() }
        for proxy in state.proxies { proxy.dispose() }
        if plan.folder == nil { try? FileManager.default.removeItem(atPath: folder) }
    }

    // MARK: Processes

    private func command(_ arguments: [String], database url: String? = nil) -> Program {
        let environment = [
            "PATH": Program.searchPath,
            "HOME": folder,
            "SLUICE_DATABASE_URL": url ?? server.url(database),
            "SLUICE_LOG_FORMAT": "json",
            "SLUICE_UNKNOWN_GRACE": "5s",
            "AWS_ACCESS_KEY_ID": "AKIDBENCH",
            "AWS_SECRET_ACCESS_KEY": "for-the-simulator-only",
            "AWS_EC2_METADATA_DISABLED": "true",
        ]
        return Program(path: program, arguments: arguments, environment: environment, folder: folder)
    }

    private func start(_ name: String, _ program: Program) async throws -> Child {
        let child = try await Child(name: name, program, folder: folder)
        state.withLock { $0.children.append(child) }
        return child
    }

    private func prepare() async throws {
        try await server.createDatabase(database)
        let port = try await FreePort.next()
        var ports: [(tenants: Int, operators: Int)] = []
        for _ in 0..<plan.nodes { ports.append((try await FreePort.next(), try await FreePort.next())) }
        if !plan.configuration.isEmpty {
            let text = plan.configuration.replacing("FOLDER", with: folder)
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/node.yaml"))
        }
        for (name, text) in plan.secrets {
            let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
            guard
                FileManager.default.createFile(
                    atPath: "\(folder)/\(name)",
                    contents: Data(text.utf8),
                    attributes: attributes
                )
            else { throw Failure("\(folder)/\(name) could not be written") }
        }
        let child = try await start(
            "simulator",
            command(
                [
                    "simulator", "--port", "\(port)", "--rate", "\(plan.rate)", "--daily", "-1", "--latency",
                    plan.latency,
                ] + plan.simulator(ports.map(\.tenants), folder)
            )
        )
        let simulator = SimulatorProcess(peer: HTTPPeer(port: port), child: child)
        state.withLock { $0.simulator = simulator }
        try await ready(child, simulator.peer, "/_simulator/settings")
        guard plan.nodes > 0 else { return }
        try await command(["migrate"]).run()
        try await apply(plan.yaml(endpoint: simulator.url))
        try await makeKeys()
        for (index, port) in ports.enumerated() { try await addNode(index + 1, port.tenants, port.operators) }
    }

    private func addNode(_ number: Int, _ tenants: Int, _ operators: Int) async throws {
        let proxy = plan.isProxied ? try await DatabaseProxy.start(to: server.socket) : nil
        if let proxy { state.withLock { $0.proxies.append(proxy) } }
        let child = try await start("node-\(number)", serve(number, tenants, operators, proxy))
        let node = NodeProcess(number: number, tenants: tenants, operators: operators, proxy: proxy, child: child)
        state.withLock { $0.nodes.append(node) }
        try await ready(child, health(of: node), "/readyz")
    }

    /// Who says whether a node is ready: not every role has the public listener.
    private func health(of node: NodeProcess) -> HTTPPeer {
        plan.roles(of: node.number).map { $0.isDisjoint(with: ["gateway", "feedback"]) } ?? false
            ? node.operators : node.tenants
    }

    /// Starts a node that was killed.
    func restart(_ node: NodeProcess) async throws {
        let program = serve(node.number, node.tenants.port, node.operators.port, node.proxy)
        let child = try await start("node-\(node.number)-life-\(node.nextLife())", program)
        node.replace(child)
        try await ready(child, health(of: node), "/readyz")
    }

    private func serve(_ number: Int, _ tenants: Int, _ operators: Int, _ proxy: DatabaseProxy?) -> Program {
        var arguments = [
            "serve", "--listen-public", "127.0.0.1:\(tenants)", "--listen-operator", "127.0.0.1:\(operators)",
        ]
        if !plan.roles.isEmpty { arguments += ["--roles", plan.roles[number - 1]] }
        if !plan.configuration.isEmpty { arguments += ["--config", "\(folder)/node.yaml"] }
        var program = command(
            arguments,
            database: proxy.map { server.url(database, port: $0.port) }
        )
        program.environment.merge(plan.environment(number)) { $1 }
        return program
    }

    private func ready(_ child: Child, _ peer: HTTPPeer, _ path: String) async throws {
        try await eventually("\(child.name) is ready") {
            guard child.isRunning else { throw Failure("\(child.name) has ended: \(child.complaints())") }
            return (try? await peer.send(.GET, path, timeout: 2))?.status == 200
        }
    }

    /// Runs a command of the program to its end.
    func sluice(_ arguments: [String]) async throws { try await command(arguments).run() }

    // MARK: The directory

    /// Writes a document of accounts and tenants into the database.
    func apply(_ document: String) async throws {
        let file = "\(folder)/directory.yaml"
        try Data(document.utf8).write(to: URL(filePath: file))
        try await command(["apply", file]).run()
    }

    private struct CreatedKey: Decodable {
        let key: String
    }

    /// A key for each tenant: by the program for a few, at once for many.
    private func makeKeys() async throws {
        var keys: [String] = []
        if plan.tenants > 4 {
            keys = try await server.query(KeyStatement.sql, database: database)
        } else {
            for number in 0..<plan.tenants {
                let text = try await command(["key", "create", "--tenant", "t\(number)", "--json"]).run()
                keys.append(try JSONDecoder().decode(CreatedKey.self, from: Data(text.utf8)).key)
            }
        }
        guard keys.count == plan.tenants else { throw Failure("\(keys.count) keys for \(plan.tenants) tenants") }
        state.withLock { $0.keys = keys }
    }

    /// A new key of an operator.
    func makeAdminKey() async throws -> String {
        let text = try await command(["key", "create", "--admin", "bench", "--json"]).run()
        return try JSONDecoder().decode(CreatedKey.self, from: Data(text.utf8)).key
    }

    // MARK: What there is

    var nodes: [NodeProcess] { state.withLock(\.nodes) }
    /// Of the tenants, in order.
    var keys: [String] { state.withLock(\.keys) }

    var simulator: SimulatorProcess {
        get throws {
            guard let simulator = state.withLock(\.simulator) else { throw Failure("there is no simulator") }
            return simulator
        }
    }

    /// A node that runs.
    var anyNode: NodeProcess {
        get throws {
            guard let node = nodes.first(where: { $0.child.isRunning }) else { throw Failure("no node runs") }
            return node
        }
    }

    /// The node that leads the account, by its row in `leader`: a node says its name in its log.
    func leader() async throws -> NodeProcess {
        var found: NodeProcess?
        try await eventually("a node leads", every: 0.1) {
            guard let name = try await server.query("SELECT node FROM leader LIMIT 1", database: database).first else {
                return false
            }
            found = nodes.first { $0.child.isRunning && $0.child.hasSaid(name) }
            return found != nil
        }
        guard let found else { throw Failure("no node leads") }
        return found
    }
}
