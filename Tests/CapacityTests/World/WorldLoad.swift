import Capacity

extension World {
    /// A world without faults in which every share has one lane; its processes have joined.
    static func quiet(
        quota: Double,
        shares: [Share],
        nodes: Int,
        options: WorldOptions = WorldOptions(),
        seed: UInt64 = 1
    ) -> World {
        var numbers: [String: Int32] = ["": 0]
        var queues: [WorldConfiguration.Queue] = []
        func add(_ share: Share, below path: String) {
            let own = path.isEmpty ? share.name : path + "/" + share.name
            let number = Int32(numbers.count)
            numbers[own] = number
            queues.append(.init(share: number, queue: LaneQueue(lane: number, priority: .normal), weight: 1))
            for child in share.children { add(child, below: own) }
        }
        for share in shares { add(share, below: "") }
        let credits = CreditRule(quota: quota).credits
        let configuration = WorldConfiguration(credits: credits, shares: shares, numbers: numbers, queues: queues)
        let world = World(seed: seed, quota: quota, configuration: configuration, options: options)
        for node in 0..<nodes { world.join("n\(node)") }
        world.run(for: .second)
        return world
    }

    func queue(_ path: String) -> WorldConfiguration.Queue? {
        configuration.queues.first { $0.share == configuration.numbers[path] }
    }

    func share(_ path: String) -> Int32 { configuration.numbers[path] ?? -1 }

    /// Rows come at this rate, evenly or by chance, for so long.
    func trickle(_ path: String, perSecond: Double, for span: Int64, byChance: Bool = false) {
        guard let queue = queue(path) else { return }
        let end = now + span
        func next() {
            let mean = Double(Int64.second) / perSecond
            let gap = byChance ? mean * exponential() : mean
            after(Int64(gap)) { [self] in
                guard now < end else { return }
                accept(1, into: queue)
                next()
            }
        }
        next()
    }

    /// There are always more rows than can be sent, for so long.
    func backlog(_ path: String, for span: Int64, depth: Int? = nil) {
        guard let queue = queue(path) else { return }
        let end = now + span
        let depth = depth ?? 2 * database.rule.credits + 200
        func fill() {
            let missing = depth - (database.queues[queue.queue]?.count ?? 0)
            if missing > 0 { accept(missing, into: queue) }
            after(100 * .millisecond) { if self.now < end { fill() } }
        }
        fill()
    }

    private func exponential() -> Double {
        // -ln(u) for u in (0, 1], without a library: by the series of the logarithm around powers of two.
        let unit = Double(random(1...1_000_000)) / 1_000_000
        return -unit.naturalLogarithm
    }

    /// Credits that workers hold for a share, as their ledgers say.
    func credits(_ path: String) -> Int {
        lives.reduce(0) { sum, life in
            guard !life.isOver, life.process.state != .dead else { return sum }
            return sum + (life.scheduler.credits(at: .zero).first { $0.share == share(path) }?.held ?? 0)
        }
    }

    /// Recipients of a share that SES counted in the last `span`.
    func sent(_ path: String, last span: Int64) -> Int {
        (sendsByShare[share(path)] ?? SendLog()).count(from: now - span, to: now)
    }
}

extension Double {
    fileprivate var naturalLogarithm: Double {
        // x = m 2^e with m in [1, 2): ln x = e ln 2 + 2 artanh((m - 1) / (m + 1)).
        let ratio = (significand - 1) / (significand + 1)
        var term = ratio
        var sum = 0.0
        for odd in stride(from: 1.0, through: 21, by: 2) {
            sum += term / odd
            term *= ratio * ratio
        }
        return Double(exponent) * 0.693147180559945309 + 2 * sum
    }
}
