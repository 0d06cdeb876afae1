import Foundation
import Measure
import NIOHTTP1

/// Messages accepted by one node over HTTP, on a database of its own.
struct AcceptRun: Sendable {
    /// A node that only accepts, or one that sends what it accepts to the simulator meanwhile.
    enum Roles: Sendable, Equatable {
        case gateway
        case all
    }

    let roles: Roles
    /// Messages in one request: nil for `POST /send`.
    let batch: Int?
    let connections: Int
    /// Requests per second that do not wait for answers; nil: each connection asks when it has its answer.
    let rate: Double?
    let seconds: Double
    let seed: UInt64
    let server: DatabaseServer

    private var setting: AcceptResult.Setting {
        AcceptResult.Setting(
            system: roles == .gateway ? "Sluice" : "Sluice, sending meanwhile",
            contract:
                "HTTP; committed before the 202; validated, routed, suppression looked up, status and events kept",
            batch: batch ?? 1,
            clients: connections
        )
    }

    /// Nil where the program that is measured does not serve the route.
    func run() async throws -> AcceptResult? {
        var plan = BedPlan()
        plan.rate = 100_000
        plan.shares = [SharePlan("all", rate: 100_000, ceiling: nil)]
        if roles == .gateway { plan.roles = ["gateway"] }
        return try await Bed.with(plan, server: server) { bed in
            let node = try bed.anyNode
            let template = RequestTemplate(messages: batch, tenant: 0, key: bed.keys[0], port: node.tenants.port)
            guard try await isServed(bed, node) else { return nil }
            // Connections to the database stand, statements are prepared.
            try await load(template, node, .closed, seconds: min(1, seconds))
            try await server.query("CHECKPOINT;", database: bed.database)
            return try await measure(bed, node, template)
        }
    }

    private func isServed(_ bed: Bed, _ node: NodeProcess) async throws -> Bool {
        guard batch != nil else { return true }
        let headers = [("Authorization", "Bearer \(bed.keys[0])"), ("Content-Type", "application/json")]
        let answer = try await node.tenants.send(.POST, "/send/batch", headers: headers, body: Array("{}".utf8))
        return answer.status != 404 && answer.status != 405
    }

    @discardableResult
    private func load(
        _ template: RequestTemplate,
        _ node: NodeProcess,
        _ pace: RequestLoad.Pace,
        seconds: Double
    ) async throws -> (notes: RequestLoad.Notes, seconds: Double) {
        try await RequestLoad.run(
            template,
            pace: pace,
            connections: connections,
            port: node.tenants.port,
            seconds: seconds,
            seed: seed
        )
    }

    private func measure(_ bed: Bed, _ node: NodeProcess, _ template: RequestTemplate) async throws -> AcceptResult {
        let own = ProcessInfo.processInfo.processIdentifier
        func reading() throws -> (node: Double, database: Double, own: Double) {
            try (node.child.processorSeconds(), server.processorSeconds(), ProcessorTime.seconds(of: own))
        }
        let rows = try await messages(bed)
        let work = try await server.work(bed.database)
        let before = try reading()
        let pace = rate.map { RequestLoad.Pace.open($0) } ?? .closed
        let (notes, passed) = try await load(template, node, pace, seconds: seconds)
        let after = try reading()
        let stored = try await messages(bed) - rows
        guard stored >= notes.accepted else {
            throw Failure("\(notes.accepted) messages were promised, and \(stored) are stored")
        }
        try await node.child.crash()
        try await server.deserted(bed.database)
        let done = try await server.work(bed.database).since(work)
        if let status = notes.refused.keys.sorted().first {
            Terminal.progress("refused by status: \(notes.refused) (the first \(status))")
        }
        return AcceptResult(
            setting: setting,
            messages: notes.accepted,
            refused: notes.refused.values.reduce(0, +),
            seconds: passed,
            offered: rate,
            latencies: notes.latencies,
            cost: AcceptResult.Cost(
                system: after.node - before.node,
                database: after.database - before.database,
                client: after.own - before.own
            ),
            work: done
        )
    }

    private func messages(_ bed: Bed) async throws -> Int {
        let count = try await server.query("SELECT count(*) FROM message;", database: bed.database)
        return count.first.flatMap { Int($0) } ?? 0
    }
}
