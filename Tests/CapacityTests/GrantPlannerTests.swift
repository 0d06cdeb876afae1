import Capacity
import Testing

@Suite("The leader's plans")
struct GrantPlannerTests {
    /// Rows as the database keeps them; workers give back only when the test says so.
    struct Board {
        var planner = GrantPlanner()
        var rows: [GrantRow] = []
        var workers: [Worker]
        var now = MonotonicTime(nanoseconds: 10 * .second)
        var version: Int64 = 0

        init(quota: Double, shares: [Share], nodes: Int, unserved: Set<Int32> = []) {
            workers = (0..<nodes).map { Worker(node: "n\($0)", epoch: 1) }
            planner.setQuota(quota)
            configure(shares, unserved: unserved)
        }

        mutating func configure(_ shares: [Share], unserved: Set<Int32> = []) {
            // By name: "s3" is share 3; the children of "s3" are "s3/31" and so on.
            var numbers: [String: Int32] = [:]
            func add(_ share: Share, _ path: String) {
                numbers[path] = Int32(share.name.drop { !$0.isNumber })
                for child in share.children { add(child, path + "/" + child.name) }
            }
            for share in shares { add(share, share.name) }
            planner.configure(shares, numbers: numbers, served: Set(numbers.values).subtracting(unserved))
        }

        mutating func want(_ wanted: [Int32: Int]) {
            rows = rows.map { row in
                var row = row
                row.apply(
                    GrantReport(share: row.share, held: row.held, version: row.version, wanted: wanted[row.share] ?? 0)
                )
                return row
            }
        }

        /// Plans and writes; checks what every committed state must keep to.
        @discardableResult
        mutating func lead(ceilings: [Set<Int32>: Int] = [:]) -> GrantPlan? {
            now = now + 100 * .millisecond
            guard let plan = planner.plan(rows, workers: workers, now: now) else { return nil }
            let before = rows.reduce(0) { $0 + $1.held }
            version += 1
            for change in plan.changes {
                if !rows.contains(where: { $0.share == change.share && $0.worker == change.worker }) {
                    rows.append(
                        GrantRow(
                            share: change.share,
                            worker: change.worker,
                            granted: 0,
                            held: 0,
                            version: 0,
                            wanted: 0
                        )
                    )
                }
                rows = rows.map { row in
                    var row = row
                    if row.share == change.share, row.worker == change.worker {
                        row.grant(change.granted, version: version)
                    }
                    return row
                }
            }
            rows.removeAll { plan.removals.contains($0) }
            let after = rows.reduce(0) { $0 + $1.held }
            #expect(after <= max(before, plan.rule.credits))
            #expect(after <= before || after <= plan.rule.credits)
            for (shares, ceiling) in ceilings {
                #expect(rows.reduce(0) { $0 + (shares.contains($1.share) ? $1.held : 0) } <= ceiling)
            }
            return plan
        }

        /// Up to `credits` cool and are given back.
        mutating func giveBack(_ credits: Int = .max) {
            var left = credits
            rows = rows.map { row in
                var row = row
                let part = min(left, row.held - row.granted)
                left -= part
                row.apply(
                    GrantReport(share: row.share, held: row.held - part, version: row.version, wanted: row.wanted)
                )
                return row
            }
        }

        func granted(_ share: Int32) -> Int { rows.reduce(0) { $0 + ($1.share == share ? $1.granted : 0) } }
        func held(_ share: Int32) -> Int { rows.reduce(0) { $0 + ($1.share == share ? $1.held : 0) } }
    }

    @Test("Only credits that came back move, whole or one by one, and two shares can swap all they have")
    func swap() {
        var board = Board(
            quota: 10,
            shares: [Share(name: "s1", rate: 0, ceiling: .parent), Share(name: "s2", rate: 0, ceiling: .parent)],
            nodes: 2
        )
        board.lead()
        board.want([1: 10])
        board.lead()
        #expect(board.granted(1) == 10)
        board.want([2: 10])
        board.lead()
        #expect(board.granted(1) == 0)
        #expect(board.held(1) == 10)
        #expect(board.granted(2) == 0, "nothing has cooled yet")
        for step in 1...10 {
            board.giveBack(1)
            let plan = board.lead()
            #expect(board.granted(2) == step)
            #expect(plan?.isMoving == (step < 10))
        }
        let last = board.lead()
        #expect(last?.isEmpty == true)
    }

    @Test("Before a share is lowered for long, what is still on its way home is given back to it for nothing")
    func regrant() {
        var board = Board(
            quota: 10,
            shares: [Share(name: "s1", rate: 0, ceiling: .parent), Share(name: "s2", rate: 0, ceiling: .parent)],
            nodes: 1
        )
        board.lead()
        board.want([1: 10])
        board.lead()
        board.want([2: 10])
        board.lead()
        board.giveBack(3)
        board.want([1: 10])
        board.lead()
        #expect(board.granted(1) == 10)
    }

    @Test("Ceilings hold in what is held, the parents' too, while credits move below them", arguments: 0..<40)
    func ceilings(seed: UInt64) {
        var pick = SeededGenerator(seed: seed)
        let shares = [
            Share(
                name: "s1",
                rate: 20,
                ceiling: .credits(30),
                children: [
                    Share(name: "s11", rate: 5, ceiling: .parent), Share(name: "s12", rate: 5, ceiling: .credits(12)),
                    Share(name: "s13", rate: 5),
                ]
            ),
            Share(name: "s2", rate: 10, ceiling: .credits(15)), Share(name: "s3", rate: 0, ceiling: .parent),
        ]
        var board = Board(quota: 60, shares: shares, nodes: 3)
        for _ in 0..<200 {
            if Int.random(in: 0...5, using: &pick) == 0 {
                var wanted: [Int32: Int] = [:]
                for share: Int32 in [1, 11, 12, 13, 2, 3] where Bool.random(using: &pick) {
                    wanted[share] = Int.random(in: 1...60, using: &pick)
                }
                board.want(wanted)
            }
            board.giveBack(Int.random(in: 0...10, using: &pick))
            board.lead(ceilings: [[1, 11, 12, 13]: 30, [12]: 12, [13]: 5, [2]: 15])
        }
        board.giveBack()
        board.want([1: 60, 11: 60, 12: 60, 13: 60, 2: 60, 3: 60])
        for _ in 0..<5 {
            board.lead()
            board.giveBack()
        }
        #expect(board.rows.reduce(0) { $0 + $1.granted } == 60)
        let last = board.lead()
        #expect(last?.isEmpty == true)
    }

    @Test("Shares without lanes hold nothing, but that one which doesn't lend keeps its credits from the others")
    func unserved() {
        let shares = [
            Share(name: "s1", rate: 10), Share(name: "s2", rate: 10, lend: false),
            Share(name: "s3", rate: 0, ceiling: .parent),
        ]
        var board = Board(quota: 30, shares: shares, nodes: 2, unserved: [1, 2])
        board.lead()
        board.want([3: 100])
        board.lead()
        #expect(Set(board.rows.map(\.share)) == [3])
        // 10 stay at home; one is in reserve for nobody: a share without lanes does not wake.
        #expect(board.granted(3) == 20)
    }

    @Test("A share that is gone gives back what it has, as it cools, and its row goes")
    func gone() {
        let shares = [Share(name: "s1", rate: 10), Share(name: "s2", rate: 10, ceiling: .parent)]
        var board = Board(quota: 20, shares: shares, nodes: 1)
        board.lead()
        board.want([1: 10, 2: 20])
        board.lead()
        board.configure([shares[1]])
        board.lead()
        #expect(board.granted(1) == 0)
        #expect(board.held(1) == 10)
        #expect(board.granted(2) == 10)
        board.giveBack(4)
        board.lead()
        #expect(board.granted(2) == 14)
        board.giveBack()
        board.lead()
        board.lead()
        #expect(board.granted(2) == 20)
        #expect(board.rows.allSatisfy { $0.share == 2 })
    }

    @Test("A quota that falls is taken back before anything is granted; one that rises is granted at once")
    func quota() {
        let shares = (1...4).map { Share(name: "s\($0)", rate: 10, ceiling: .parent) }
        var board = Board(quota: 40, shares: shares, nodes: 2)
        board.lead()
        board.want([1: 40, 2: 40, 3: 40, 4: 40])
        board.lead()
        board.planner.setQuota(18)
        board.lead()
        #expect(board.rows.reduce(0) { $0 + $1.granted } == 18)
        #expect((1...4).allSatisfy { (4...5).contains(board.granted($0)) })
        #expect(board.rows.reduce(0) { $0 + $1.held } == 40)
        board.planner.setQuota(0.5)
        board.giveBack()
        board.lead()
        #expect(board.rows.reduce(0) { $0 + $1.granted } == 1)
        board.giveBack()
        board.planner.setQuota(80)
        board.lead()
        #expect((1...4).allSatisfy { board.granted($0) == 20 })
    }

    @Test("Refused calls cut the quota, once a second, from a count that has grown only, and it recovers")
    func throttles() {
        var board = Board(quota: 40, shares: [Share(name: "s1", rate: 40)], nodes: 1)
        let worker = board.workers[0]
        board.planner.note(throttles: [worker: 7], now: board.now)
        board.lead()
        board.want([1: 100])
        board.lead()
        #expect(board.granted(1) == 40, "what was counted before this leader came is no news")
        board.planner.note(throttles: [worker: 8], now: board.now)
        let cut = board.lead()
        #expect(cut?.isRestless == true)
        #expect((20...21).contains(board.granted(1)))
        board.planner.note(throttles: [worker: 8], now: board.now)
        for _ in 0..<120 {
            board.giveBack()
            board.lead()
        }
        #expect(board.granted(1) == 40)
        // The next leader goes on from what is in force.
        var next = GrantPlanner()
        next.setQuota(40)
        next.resume(rate: 10, now: board.now)
        next.configure([Share(name: "s1", rate: 40)], numbers: ["s1": 1], served: [1])
        let plan = next.plan(board.rows, workers: board.workers, now: board.now + .second)
        #expect(plan?.rate == 12)
    }

    @Test("A worker that comes takes over its shares, one that drains loses all, and nobody else is touched")
    func comeAndGo() {
        let shares = (1...30).map { Share(name: "s\($0)", rate: 2) }
        var board = Board(quota: 60, shares: shares, nodes: 3)
        board.lead()
        let homes = Dictionary(uniqueKeysWithValues: board.rows.filter { $0.granted > 0 }.map { ($0.share, $0.worker) })
        #expect(homes.count == 30)
        board.workers.append(Worker(node: "n3", epoch: 1))
        for _ in 0..<3 {
            board.lead()
            board.giveBack()
        }
        board.lead()
        var moved = 0
        for row in board.rows where row.granted > 0 && homes[row.share] != row.worker {
            #expect(row.worker.node == "n3")
            moved += 1
        }
        #expect((2...15).contains(moved))
        board.workers.removeAll { $0.node == "n0" }
        for _ in 0..<3 {
            board.lead()
            board.giveBack()
        }
        board.lead()
        #expect(board.rows.allSatisfy { $0.worker.node != "n0" && $0.granted == 2 })
    }
}
