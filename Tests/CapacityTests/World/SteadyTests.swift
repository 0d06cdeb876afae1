import Capacity
import Testing

@Suite("Steady demand, simulated")
struct SteadyTests {
    static let example = [
        Share(name: "AT", rate: 30), Share(name: "UK", rate: 10, ceiling: .parent),
        Share(name: "other", rate: 10, ceiling: .parent),
    ]
    static let minute = 60 * Int64.second

    /// Grant transactions in the last 55 seconds of a minute.
    static func transactions(in world: World) -> Int {
        world.run(for: 5 * .second)
        let before = world.database.grantTransactions
        world.run(for: 55 * .second)
        return world.database.grantTransactions - before
    }

    @Test("Backlogs cost no writes, whoever lends to whom, on one node or several", arguments: [1, 2, 4])
    func backlogs(nodes: Int) {
        for busy in [["AT", "UK", "other"], ["AT", "other"], ["other"], ["UK", "other"]] {
            for depth in [8, 300] {
                let world = World.quiet(quota: 50, shares: Self.example, nodes: nodes)
                for path in busy { world.backlog(path, for: Self.minute, depth: depth) }
                #expect(Self.transactions(in: world) <= 3, "\(busy), \(depth) rows wait")
                #expect(world.database.version < 60)
            }
        }
    }

    @Test("A trickle, and a share near its capacity, cost a handful beside a borrower", arguments: [1, 3])
    func trickles(nodes: Int) {
        let loads: [(String, Double, byChance: Bool, most: Int)] = [
            ("UK", 5, false, 8), ("UK", 9, false, 8), ("AT", 29, false, 8), ("UK", 0.4, false, 130),
            // Arrivals by chance are no steady demand, but must not set everything in motion either.
            ("UK", 5, true, 90), ("UK", 0.4, true, 90), ("AT", 27.5, true, 30),
        ]
        for (path, rate, byChance, most) in loads {
            let world = World.quiet(quota: 50, shares: Self.example, nodes: nodes)
            world.trickle(path, perSecond: rate, for: Self.minute, byChance: byChance)
            world.backlog("other", for: Self.minute)
            let transactions = Self.transactions(in: world)
            print("trickle of \(rate)/s by chance \(byChance), \(nodes) nodes: \(transactions) grant transactions")
            #expect(transactions <= most, "\(path) \(rate)/s by chance \(byChance)")
            // The trickle gets through, and the borrower has what is left but for what chance needs.
            #expect(Double(world.sent(path, last: 30 * .second)) > rate * 0.8 * 30 - 6)
            let rest = 49 - rate * 1.07
            #expect(Double(world.sent("other", last: 30 * .second)) / 30 > (byChance ? 0.8 : 0.9) * rest / 1.07)
        }
    }

    @Test("I3: the quota is used to 99 % of R/(1+latency)", arguments: [1.0, 14, 50, 400])
    func utilisation(quota: Double) {
        for shares in [1, 3] {
            var options = WorldOptions()
            options.databaseDelay = 100_000...500_000
            let tree = (0..<shares).map { Share(name: "s\($0)", rate: 0, ceiling: .parent) }
            let world = World.quiet(quota: quota, shares: tree, nodes: 2, options: options)
            for share in 0..<shares { world.backlog("s\(share)", for: Self.minute) }
            world.run(for: 20 * .second)
            let before = world.now
            world.run(for: 30 * .second)
            let sent = Double(world.sends.count(from: before, to: world.now)) / 30
            print("I3: quota \(quota), \(shares) shares: \(sent)/s, R/(1+latency) \(quota / 1.055)")
            // Shares that take turns lose what a credit takes to change hands.
            let turns = Double(shares) > quota ? 0.85 : 0.99
            #expect(sent >= turns * quota / 1.055 - 0.05)
            #expect(world.check(settles: 0).filter { $0.contains("I") } == [])
        }
    }

    @Test("I4, I5: guarantees first, then by weight within a credit, never above a ceiling; fixed shares stay fixed")
    func divided() {
        let world = World.quiet(
            quota: 100,
            shares: [
                Share(name: "fixed", rate: 10),
                Share(name: "kept", rate: 10, ceiling: .parent, lend: false),
                Share(name: "small", rate: 5, ceiling: .parent, weight: 1),
                Share(name: "big", rate: 5, ceiling: .parent, weight: 3),
                Share(name: "low", rate: 0, ceiling: .credits(7), weight: 50),
                Share(name: "idle", rate: 20),
            ],
            nodes: 3
        )
        for path in ["fixed", "small", "big", "low"] { world.backlog(path, for: Self.minute) }
        world.run(for: 10 * .second)
        // 99 of 100: a credit is in reserve for the share that lends all it has. 10 are fixed, 10 kept, 10 promised to
        // small and big; low takes its 7, and the other 62 go one to three.
        let figures = ["fixed", "kept", "small", "big", "low", "idle"].map { world.credits($0) }
        #expect(figures[0] == 10)
        #expect(figures[1] == 10)
        #expect(abs(figures[2] - (5 + 62 / 4)) <= 1)
        #expect(abs(figures[3] - (5 + 62 * 3 / 4)) <= 1)
        #expect(figures[4] == 7)
        #expect(figures[5] == 0)
        #expect(world.database.held == 99)
        for path in ["small", "big"] {
            let rate = Double(world.sent(path, last: 5 * .second)) / 5
            #expect(abs(rate - Double(world.credits(path)) / 1.057) < 0.05 * rate)
        }
    }

    @Test("A hundred shares without a promise take turns on five credits")
    func turns() {
        let shares = (0..<100).map { Share(name: "s\($0)", rate: 0, ceiling: .parent) }
        let world = World.quiet(quota: 5, shares: shares, nodes: 2)
        for share in 0..<100 { world.backlog("s\(share)", for: 300 * .second) }
        world.run(for: 60 * .second)
        #expect((0..<100).allSatisfy { world.sent("s\($0)", last: 60 * .second) > 0 }, "all are served in a minute")
        let before = world.database.grantTransactions
        world.run(for: 240 * .second)
        let sent = (0..<100).map { world.sent("s\($0)", last: 240 * .second) }
        print("turns: \(sent.min() ?? 0) to \(sent.max() ?? 0) each, \(sent.reduce(0, +)) in all of 1200")
        #expect((sent.max() ?? 0) - (sent.min() ?? 0) <= 6)
        #expect(sent.reduce(0, +) > 1200 * 85 / 100)
        #expect(world.database.grantTransactions - before < 240 * 5)
    }

    @Test("A share that outgrows one worker is spread, and stays so")
    func spread() {
        let shares = [Share(name: "a", rate: 1000, ceiling: .parent), Share(name: "b", rate: 100, ceiling: .parent)]
        let world = World.quiet(quota: 6000, shares: shares, nodes: 4)
        for share in shares { world.backlog(share.name, for: Self.minute) }
        world.run(for: 5 * .second)
        let before = world.database.grantTransactions
        let holders = world.lives.count { life in
            life.scheduler.credits(at: .zero).contains { $0.share == 1 && $0.held > 900 }
        }
        #expect(holders >= 2)
        world.run(for: 5 * .second)
        #expect(world.database.grantTransactions - before <= 3)
        #expect(world.sends.count(from: world.now - 2 * .second, to: world.now) > 2 * 5500)
    }
}
