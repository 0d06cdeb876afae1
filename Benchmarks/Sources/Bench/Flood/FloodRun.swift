import Measure

/// A tenant that sends at a steady pace, alone and beside one that asks for ten times what it may: windows of both kinds in turn.
struct FloodRun: Sendable {
    /// Requests a second that the one may make, and how many times that it makes.
    let limit: Int
    let times: Double
    /// Requests a second of the other one.
    let rate: Double
    let seconds: Double
    /// Windows of each kind.
    let windows: Int
    let seed: UInt64
    let server: DatabaseServer

    func run(_ progress: @Sendable (FloodResult) -> Void) async throws {
        var plan = BedPlan()
        plan.rate = 100_000
        plan.shares = [SharePlan("all", rate: 100_000, ceiling: nil)]
        plan.tenants = 2
        plan.limits = [0: "{api_rate: \(limit)}"]
        plan.roles = ["gateway"]
        try await Bed.with(plan, server: server) { bed in
            // Connections to the database stand, statements are prepared, and tables are no longer small.
            _ = try await window(bed, isFlooded: true, number: 0, seconds: seconds)
            for number in 0..<windows {
                for isFlooded in [false, true] {
                    try await server.query("CHECKPOINT;", database: bed.database)
                    progress(try await window(bed, isFlooded: isFlooded, number: number, seconds: seconds))
                }
            }
        }
    }

    private func window(_ bed: Bed, isFlooded: Bool, number: Int, seconds: Double) async throws -> FloodResult {
        let seed = seed &+ UInt64(number)
        // It has begun when the window begins, and has not ended when that ends.
        async let noise = flood(bed, isFlooded, seconds: seconds + 2, seed: seed)
        try await pause(1)
        let own = try await load(bed, tenant: 1, rate: rate, connections: 32, seconds: seconds, seed: seed)
        let other = try await noise
        return FloodResult(
            flood: other.map {
                FloodResult.Flood(
                    limit: limit,
                    offered: Double(limit) * times,
                    accepted: $0.accepted,
                    refused: $0.refused.values.reduce(0, +)
                )
            },
            offered: rate,
            seconds: seconds,
            accepted: own.accepted,
            refused: own.refused.values.reduce(0, +),
            latency: Spread(own.latencies)
        )
    }

    private func flood(
        _ bed: Bed,
        _ isFlooded: Bool,
        seconds: Double,
        seed: UInt64
    ) async throws -> RequestLoad.Notes? {
        guard isFlooded else { return nil }
        let rate = Double(limit) * times
        return try await load(
            bed,
            tenant: 0,
            rate: rate,
            connections: 64,
            seconds: seconds,
            seed: seed,
            isDistant: true
        )
    }

    private func load(
        _ bed: Bed,
        tenant: Int,
        rate: Double,
        connections: Int,
        seconds: Double,
        seed: UInt64,
        isDistant: Bool = false
    ) async throws -> RequestLoad.Notes {
        let port = try bed.anyNode.tenants.port
        return try await RequestLoad.run(
            RequestTemplate(messages: nil, tenant: tenant, key: bed.keys[tenant], port: port),
            pace: .open(rate),
            connections: connections,
            port: port,
            seconds: seconds,
            seed: seed &+ UInt64(tenant),
            isDistant: isDistant
        ).notes
    }
}
