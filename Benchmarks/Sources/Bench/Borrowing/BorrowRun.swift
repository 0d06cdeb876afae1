import Measure

/// B8: an owner that wakes while its credits are lent.
struct BorrowRun: Sendable {
    private static let rate = 50
    private static let owner = 1
    private static let borrower = 2
    /// W and the longest call: in which each credit that a share holds is used at least once.
    private static let cycle: Int64 = 1_002_000_000 + 80_000_000
    /// Enough for the owner's guarantee for three seconds and a half.
    private static let awake = 35

    struct Waking: Sendable {
        /// When the client had the 202.
        var at: Int64
        var message: RowID
    }

    let nodes: Int
    let repetitions: Int
    let seed: UInt64
    let server: DatabaseServer

    private let shares = [
        SharePlan("AT", rate: 30, ceiling: 30, lend: false), SharePlan("UK", rate: 10, ceiling: nil),
        SharePlan("other", rate: 10, ceiling: nil),
    ]

    func run(_ progress: (String) -> Void) async throws -> BorrowResult {
        var plan = BedPlan()
        plan.rate = Self.rate
        plan.latency = ExactnessCell.Latency.usual.range
        plan.shares = shares
        plan.nodes = nodes
        return try await Bed.with(plan, server: server) { bed in
            let posts = Posts(bed)
            let (wakings, end) = try await load(posts, progress)
            let traffic = Traffic(
                shares: shares,
                credits: Self.rate,
                accepted: posts.notes.accepted,
                sends: try await bed.simulator.ledger()
            )
            return result(traffic, wakings, end: end)
        }
    }

    private func load(_ posts: Posts, _ progress: (String) -> Void) async throws -> ([Waking], Int64) {
        let demand = Demand(shares: shares, credits: Self.rate, latency: 0.055, largest: 5, seed: seed)
        let (orders, want) = AsyncStream<Order>.makeStream()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await posts.run(orders) }
            group.addTask { try await demand.run { want.yield($0) } }
            demand.set(.only([true, false, true]))
            var generator = SplitMix64(seed: seed &+ 2)
            try await pause(4)
            var wakings: [Waking] = []
            for number in 1...repetitions {
                let (message, at) = try await posts.post(Order(share: Self.owner, recipients: Self.awake))
                wakings.append(Waking(at: at, message: message))
                progress("waking \(number) of \(repetitions)")
                // Until the owner has sent all, the borrower has its credits again, and a tick's phase has moved.
                try await pause(7 + Double.random(in: 0..<0.3, using: &generator))
            }
            let end = BootTime.now()
            want.finish()
            group.cancelAll()
            return (wakings, end)
        }
    }

    private func result(_ traffic: Traffic, _ wakings: [Waking], end: Int64) -> BorrowResult {
        var result = BorrowResult(
            nodes: nodes,
            rate: Self.rate,
            latency: ExactnessCell.Latency.usual.rawValue,
            repetitions: repetitions
        )
        let sent = [Self.owner, Self.borrower].map { share in
            traffic.sends.filter { $0.outcome == .accepted && traffic.share(of: $0) == share }.map(\.at)
        }
        let guarantee = shares[Self.owner].rate
        let together = guarantee + shares[Self.borrower].rate - Allocation.reserve(Self.rate)
        var (first, all, taken): ([Double], [Double], [Double]) = ([], [], [])
        for (index, waking) in wakings.enumerated() {
            let next = index + 1 < wakings.count ? wakings[index + 1].at : end
            let owners = traffic.sends.filter { $0.outcome == .accepted && $0.row?.message == waking.message }.map(\.at)
            guard let start = owners.first, let last = owners.last else {
                result.never += 1
                result.neverTaken += 1
                continue
            }
            first.append(max(0, BootTime.seconds(waking.at, start)))
            if let full = full(owners, guarantee, from: start) {
                all.append(max(0, BootTime.seconds(waking.at, full)))
            } else {
                result.never += 1
            }
            if let again = full(sent[1].filter { $0 < next }, together, from: last) {
                taken.append(BootTime.seconds(last, again))
            } else {
                result.neverTaken += 1
            }
        }
        result.first = Spread(first)
        result.all = Spread(all)
        result.taken = Spread(taken)
        let scan = WindowScan(traffic.offered(), length: 1_000_000_000, limits: [.init(recipients: Self.rate)])
        result.over = scan.over
        result.throttled = traffic.sends.count { $0.outcome == .throttled }
        result.owner = mean(sent[0], wakings)
        result.borrower = mean(sent[1], wakings)
        return result
    }

    /// The first send from an instant on that ends a cycle in which so many credits were used.
    private func full(_ sends: [Int64], _ credits: Int, from start: Int64) -> Int64? {
        sends.indices.dropFirst(credits - 1).first { index in
            sends[index] >= start && sends[index] - sends[index - credits + 1] < Self.cycle
        }.map { sends[$0] }
    }

    /// The mean over the wakings of the recipients in the second before, from 1 s before each to 5 s after it.
    private func mean(_ sends: [Int64], _ wakings: [Waking]) -> [Double] {
        let all = sends.map { (at: $0, recipients: 1) }
        let series = wakings.map { waking in
            SlidingRate.series(
                all,
                from: waking.at - 1_000_000_000,
                to: waking.at + 5_000_000_000,
                step: Timeline.step
            )
        }
        guard let count = series.map(\.count).min() else { return [] }
        return (0..<count).map { index in
            Double(series.reduce(0) { $0 + $1[index] }) / Double(series.count)
        }
    }
}
