import Measure

/// Runs a cell of B7 with Sluice.
struct ExactnessRun: Sendable {
    let cell: ExactnessCell
    let settings: ExactnessSettings
    let server: DatabaseServer

    func run() async throws -> CellResult {
        var plan = BedPlan()
        plan.rate = cell.rate
        plan.latency = cell.latency.range
        plan.shares = cell.shares
        plan.tenants = cell.lanes ?? 1
        plan.nodes = cell.nodes
        plan.isProxied = cell.fault?.needsProxies ?? false
        return try await Bed.with(plan, server: server) { bed in
            let posts = Posts(bed)
            let record = try await load(bed, posts)
            try await Drain(bed: bed, posts: posts).wait()
            return try await ExactnessAnalysis(cell: cell, settings: settings, record: record)
                .result(bed: bed, posts: posts)
        }
    }

    /// Posts and does what the cell says, until everything was posted.
    private func load(_ bed: Bed, _ posts: Posts) async throws -> ExactnessRecord {
        if cell.lanes != nil { return try await loadLanes(posts) }
        let demand = Demand(
            shares: cell.shares,
            credits: cell.rate,
            latency: cell.latency.mean,
            largest: cell.largestMessage,
            seed: settings.seed
        )
        let (orders, want) = AsyncStream<Order>.makeStream()
        return try await withThrowingTaskGroup(of: ExactnessRecord?.self) { group in
            group.addTask {
                try await posts.run(orders)
                return nil
            }
            group.addTask {
                try await demand.run { want.yield($0) }
                return nil
            }
            group.addTask { try await script(bed, demand) }
            while let finished = try await group.next() {
                guard let record = finished else { continue }
                want.finish()
                group.cancelAll()
                return record
            }
            throw Failure("the load ended before its script")
        }
    }

    private func script(_ bed: Bed, _ demand: Demand) async throws -> ExactnessRecord {
        var record = ExactnessRecord(start: BootTime.now())
        demand.set(.all)
        try await pause(settings.warmUp)
        record.saturated = BootTime.now()
        if let fault = cell.fault {
            try await pause(min(5, settings.saturated))
            record.fault = try await FaultRun(bed: bed, cell: cell, seconds: settings.fault).run(fault)
            try await pause(settings.recovery)
        } else {
            try await pause(settings.saturated)
        }
        record.reshuffled = BootTime.now()
        demand.set(.random)
        try await pause(cell.fault == nil ? settings.reshuffled : min(6, settings.reshuffled))
        demand.set(.none)
        record.end = BootTime.now()
        // Orders that are being posted now.
        try await pause(0.5)
        return record
    }

    /// Gives every lane enough to send for the whole time.
    private func loadLanes(_ posts: Posts) async throws -> ExactnessRecord {
        let lanes = cell.lanes ?? 1
        var record = ExactnessRecord(start: BootTime.now())
        let total = Double(cell.rate) * (settings.warmUp + settings.saturated + settings.reshuffled)
        let each = Int(total / Double(lanes)) + 3
        let orders = AsyncStream<Order> { want in
            for _ in 0..<each {
                for lane in 0..<lanes { want.yield(Order(share: 0, recipients: 1, tenant: lane)) }
            }
            want.finish()
        }
        try await posts.run(orders, clients: 64)
        // From here on every lane has backlog.
        record.saturated = BootTime.now()
        let spent = BootTime.seconds(record.start, record.saturated)
        try await pause(max(settings.window + 2, total / Double(cell.rate) - spent))
        record.reshuffled = BootTime.now()
        record.end = record.reshuffled
        return record
    }
}
