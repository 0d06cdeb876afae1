import Measure
import NIOHTTP1

/// Runs a cell of B7 with one of the limiters that others use: the same simulator, the same demand, a plain loop of workers.
struct ComparatorRun: Sendable {
    private static let body = Array(
        """
        {"FromEmailAddress":"shop@t0.example","Destination":{"ToAddresses":["reader@example.org"]},\
        "Content":{"Simple":{"Subject":{"Data":"Hello"},"Body":{"Text":{"Data":"It works."}}}}}
        """.utf8
    )

    let cell: ExactnessCell
    let settings: ExactnessSettings
    let server: DatabaseServer

    func run() async throws -> CellResult {
        var plan = BedPlan()
        plan.rate = cell.rate
        plan.latency = cell.latency.range
        plan.nodes = 0
        return try await Bed.with(plan, server: server) { bed in
            let record = try await load(bed)
            return result(try await bed.simulator.ledger(), record)
        }
    }

    private func load(_ bed: Bed) async throws -> ExactnessRecord {
        let peer = try bed.simulator.peer
        let demand = Demand(
            shares: cell.shares,
            credits: cell.rate,
            latency: 0,
            largest: cell.largestMessage,
            seed: settings.seed
        )
        let workers = min(512, max(8, cell.rate)) / (cell.system == .splitBuckets ? cell.nodes : 1)
        let queues = (0..<(cell.system == .splitBuckets ? cell.nodes : 1)).map { _ in ComparatorQueue(workers: workers)
        }
        return try await withThrowingTaskGroup(of: ExactnessRecord?.self) { group in
            for queue in queues { add(queue, peer, to: &group) }
            group.addTask {
                var generator = SplitMix64(seed: settings.seed &+ 1)
                try await demand.run { order in
                    for _ in 0..<order.recipients {
                        queues[Self.node(of: queues.count, using: &generator)].add(1)
                    }
                }
                return nil
            }
            group.addTask { try await script(demand) }
            while let finished = try await group.next() {
                guard let record = finished else { continue }
                group.cancelAll()
                return record
            }
            throw Failure("the load ended before its script")
        }
    }

    /// Where a message came in: unevenly, each node with a third of what the one before it has.
    private static func node(of count: Int, using generator: inout SplitMix64) -> Int {
        var node = 0
        while node + 1 < count, Int.random(in: 0..<3, using: &generator) == 0 { node += 1 }
        return node
    }

    private func add(
        _ queue: ComparatorQueue,
        _ peer: HTTPPeer,
        to group: inout ThrowingTaskGroup<ExactnessRecord?, any Error>
    ) {
        let (calls, begin) = AsyncStream<Void>.makeStream()
        group.addTask {
            switch cell.system {
            case .alignedGrants: try await pace(queue, AlignedGrants(rate: cell.rate)) { begin.yield() }
            case .splitBuckets:
                let part = Double(cell.rate) / Double(cell.nodes)
                try await pace(queue, TokenBucket(rate: part, burst: max(1, part))) { begin.yield() }
            case .bucket, .sluice:
                let rate = Double(cell.rate)
                try await pace(queue, TokenBucket(rate: rate, burst: rate)) { begin.yield() }
            }
            return nil
        }
        group.addTask {
            try await withThrowingDiscardingTaskGroup { workers in
                // The queue bounds how many run.
                for await _ in calls {
                    workers.addTask {
                        let answer = try await peer.send(
                            .POST,
                            "/v2/email/outbound-emails",
                            headers: [("Authorization", "unchecked"), ("Content-Type", "application/json")],
                            body: Self.body
                        )
                        queue.end(isRefused: answer.status != 200)
                    }
                }
            }
            return nil
        }
    }

    private func pace(_ queue: ComparatorQueue, _ limiter: some Limiter, _ begin: () -> Void) async throws {
        var limiter = limiter
        while true {
            for _ in 0..<queue.begin(&limiter, at: BootTime.now()) { begin() }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private func script(_ demand: Demand) async throws -> ExactnessRecord {
        var record = ExactnessRecord(start: BootTime.now())
        demand.set(.all)
        try await pause(settings.warmUp)
        record.saturated = BootTime.now()
        try await pause(settings.saturated)
        record.reshuffled = BootTime.now()
        demand.set(.random)
        try await pause(settings.reshuffled)
        record.end = BootTime.now()
        return record
    }

    private func result(_ sends: [Send], _ record: ExactnessRecord) -> CellResult {
        var result = CellResult(
            name: cell.name,
            system: cell.system.rawValue,
            rate: cell.rate,
            nodes: cell.nodes,
            latency: cell.latency.rawValue,
            seconds: BootTime.seconds(record.start, record.end)
        )
        let offered = sends.filter(\.isOffered).map { ($0.at, $0.recipients) }
        let scan = WindowScan(offered, length: cell.window, limits: [.init(recipients: cell.rate)])
        result.sent = sends.count { $0.outcome == .accepted }
        result.most = scan.most
        result.over = scan.over
        result.throttled = sends.count { $0.outcome == .throttled }
        let window = Int64(settings.window * 1e9)
        let possible = Double(cell.rate) * settings.window / (1 + cell.latency.mean)
        let starts = stride(from: record.saturated, through: record.reshuffled - window, by: 100_000_000)
        result.saturated = Spread(
            starts.map { start in
                let sent = sends.count { $0.outcome == .accepted && $0.at >= start && $0.at < start + window }
                return Double(sent) / possible
            }
        )
        if cell.isDrawn {
            result.series = SlidingRate.series(offered, from: record.start, to: record.end, step: Timeline.step)
        }
        return result
    }
}
