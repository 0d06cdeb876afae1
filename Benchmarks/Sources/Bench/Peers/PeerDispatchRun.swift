import Foundation
import Measure

/// A library's jobs, each of which sends its message to the simulator: from a full queue, for so long or until it is empty.
struct PeerDispatchRun: Sendable {
    static let concurrency = 64

    let library: PeerLibrary
    /// How the jobs call SES.
    let client: String
    let latency: String
    /// Messages in the queue.
    let backlog: Int
    /// The longest time that is measured.
    let seconds: Double
    let server: DatabaseServer

    /// Fills a queue that runs start from a copy of.
    static func fill(_ library: PeerLibrary, backlog: Int, _ server: DatabaseServer) async throws {
        let database = full(library)
        try await server.createDatabase(database)
        try await library.program("install", [], url: server.url(database)).run()
        try await library.program("fill", ["--messages", "\(backlog)"], url: server.url(database)).run()
        // The planner knows what a queue in use would have told it.
        try await server.query("VACUUM ANALYZE;", database: database)
    }

    static func drop(_ library: PeerLibrary, _ server: DatabaseServer) async throws {
        try await server.dropDatabase(full(library))
    }

    private static func full(_ library: PeerLibrary) -> String { "full_\(library.rawValue)" }

    func run() async throws -> DispatchResult {
        var plan = BedPlan()
        plan.rate = 1_000_000
        plan.latency = latency
        plan.nodes = 0
        return try await Bed.with(plan, server: server) { bed in
            // What the bed made for nodes is in nobody's way; the queue has a database of its own.
            let database = "peer_\(library.rawValue)"
            try await server.query(
                "CREATE DATABASE \(database) TEMPLATE \(Self.full(library)) STRATEGY FILE_COPY;",
                database: "postgres"
            )
            let result: Result<DispatchResult, any Error>
            do {
                result = .success(try await measure(try bed.simulator, database))
            } catch {
                result = .failure(error)
            }
            try? await server.dropDatabase(database)
            return try result.get()
        }
    }

    private func measure(_ simulator: SimulatorProcess, _ database: String) async throws -> DispatchResult {
        let before = try simulator.child.processorSeconds()
        let reading = try await PeerProcess(library: library, server: server, database: database).run(
            "work",
            [
                "--messages", "\(backlog)", "--seconds", "\(seconds)", "--concurrency", "\(Self.concurrency)",
                "--url", simulator.url, "--client", client,
            ],
            seconds: seconds
        )
        let after = try simulator.child.processorSeconds()
        let report = reading.report
        let accepted = try await accepted(simulator)
        guard report.messages > 0, accepted >= report.messages else {
            throw Failure("\(library.name) finished \(report.messages) jobs, and SES has \(accepted) of their messages")
        }
        return DispatchResult(
            system: "\(library.name), \(client)",
            contract: report.contract,
            latency: latency,
            rows: report.messages,
            seconds: report.seconds,
            // What was under way when the time was over is of no job that was finished.
            sentOnce: min(accepted, report.messages),
            worker: report.processor,
            database: reading.database,
            receiver: after - before,
            work: reading.work
        )
    }

    private struct Summary: Decodable {
        let accepted: Int
    }

    private func accepted(_ simulator: SimulatorProcess) async throws -> Int {
        let answer = try await simulator.peer.get("/_simulator/summary")
        return try JSONDecoder().decode(Summary.self, from: Data(answer.body)).accepted
    }
}
