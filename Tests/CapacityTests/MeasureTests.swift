import Foundation
import Testing

@testable import Capacity

/// Figures, printed when SLUICE_MEASURE=1; the goals are those of a release build.
@Suite("Figures", .enabled(if: environment("SLUICE_MEASURE") != nil), .serialized)
struct MeasureTests {
    /// Processor seconds of this process.
    static func cpu() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

    /// Microseconds for each of `count` times.
    private func time(_ name: String, _ count: Int, _ body: () -> Void) {
        let start = Self.cpu()
        for _ in 0..<count { body() }
        print("\(name): \(((Self.cpu() - start) / Double(count) * 1e8).rounded() / 100) us")
    }

    /// All at once: what waiting for their times costs is not the scheduler's.
    private func begin(_ reservations: [Reservation], on scheduler: inout AccountScheduler, now: MonotonicTime) {
        for reservation in reservations { #expect(scheduler.start([reservation], now: now + .second) == nil) }
    }

    static func shares(_ count: Int) -> [Share] {
        (0..<count / 100).map { region in
            Share(
                name: "r\(region)",
                rate: 50,
                ceiling: .parent,
                children: (0..<99).map { Share(name: "t\($0)", rate: $0 % 2, ceiling: .parent, weight: 1 + $0 % 7) }
            )
        }
    }

    @Test func allocation() throws {
        let tree = try ShareTree(credits: 10_000, shares: Self.shares(10_000))
        for (what, wanted) in [("all idle", 0), ("all backlogged", 10_000), ("small demands", 1)] {
            let demands = tree.nodes.map { _ in Allocation.Demand(wanted: wanted, granted: 1) }
            time("allocation over \(tree.nodes.count) shares, R = 10000, \(what)", 20) {
                _ = Allocation(credits: 10_000, tree: tree, demands: demands)
            }
        }
    }

    @Test func planner() throws {
        let shares = Self.shares(10_000)
        let tree = try ShareTree(credits: 10_000, shares: shares)
        var numbers: [String: Int32] = [:]
        for (index, node) in tree.nodes.enumerated() { numbers[node.path] = Int32(index) }
        for nodes in [1, 10, 100] {
            let workers = (0..<nodes).map { Worker(node: "n\($0)", epoch: 1) }
            var planner = GrantPlanner()
            planner.configure(shares, numbers: numbers, served: Set(numbers.values))
            planner.setQuota(10_000)
            var now = MonotonicTime(nanoseconds: 100 * .second)
            var rows: [GrantRow] = []
            let first = planner.plan([], workers: workers, now: now)
            for change in first?.changes ?? [] {
                rows.append(
                    GrantRow(
                        share: change.share,
                        worker: change.worker,
                        granted: change.granted,
                        held: change.granted,
                        version: 1,
                        wanted: Int(change.share) % 3
                    )
                )
            }
            time("plan over \(rows.count) rows and \(nodes) workers", 20) {
                now = now + 100 * .millisecond
                _ = planner.plan(rows, workers: workers, now: now)
            }
        }
    }

    @Test func ledger() {
        var ledger = CreditLedger()
        ledger.setGranted(10_000)
        var now = MonotonicTime.zero
        time("a credit's whole life in the ledger (advance, reserve, start, cool)", 2_000_000) {
            now = now + 100_000
            ledger.advance(to: now)
            ledger.reserve(1)
            ledger.start(1)
            ledger.cool(1, until: now + .second)
        }
    }

    @Test func scheduler() {
        for lanes in [1, 100, 1000, 10_000] {
            var scheduler = AccountScheduler(rule: CreditRule(quota: 10_000))
            var now = MonotonicTime(nanoseconds: 10 * .second)
            scheduler.grant([1: 10_000], version: 1, rule: CreditRule(quota: 10_000), now: now)
            for lane in 0..<lanes {
                let queue = LaneQueue(lane: Int32(lane), priority: .normal)
                scheduler.note(queue, rows: .all(100), share: 1, weight: 1, now: now)
            }
            var sent = 0
            var under: [(until: MonotonicTime, credits: Int)] = []
            let start = Self.cpu()
            while sent < 300_000 {
                now = now + 5 * .millisecond
                while let first = under.first, first.until <= now {
                    scheduler.ended(share: 1, credits: first.credits, startedAt: now, usedAt: now)
                    under.removeFirst()
                }
                for request in scheduler.plan(now: now, limit: 250) {
                    let answer = ClaimAnswer(recipients: Array(repeating: 1, count: request.credits))
                    begin(scheduler.claimed(request, answer, now: now), on: &scheduler, now: now)
                    under.append((now + 50 * .millisecond, request.credits))
                    sent += request.credits
                }
                _ = scheduler.nextPlan(now: now)
            }
            let each = (Self.cpu() - start) / Double(sent) * 1e6
            print("scheduler, \(lanes) lanes: \((each * 100).rounded() / 100) us a recipient, all of it")
        }
        // Many shares, each with a lane of its own.
        var scheduler = AccountScheduler(rule: CreditRule(quota: 10_000))
        var now = MonotonicTime(nanoseconds: 10 * .second)
        let grants = Dictionary(uniqueKeysWithValues: (Int32(0)..<10_000).map { ($0, 1) })
        time("take of 10000 rows", 1) {
            scheduler.grant(grants, version: 1, rule: CreditRule(quota: 10_000), now: now)
        }
        for share in Int32(0)..<10_000 {
            let queue = LaneQueue(lane: share, priority: .normal)
            scheduler.note(queue, rows: .all(100), share: share, weight: 1, now: now)
        }
        time("plan of 250 among 10000 shares, and the next time", 200) {
            now = now + 5 * .millisecond
            for request in scheduler.plan(now: now, limit: 250) {
                let answer = ClaimAnswer(recipients: Array(repeating: 1, count: request.credits))
                begin(scheduler.claimed(request, answer, now: now), on: &scheduler, now: now)
                scheduler.ended(share: request.share, credits: 1, startedAt: now, usedAt: now)
            }
            _ = scheduler.nextPlan(now: now)
        }
        time("reports of 10000 shares", 20) { _ = scheduler.reports(now: now) }
    }

    @Test(
        "A paper-sized world: what a leader and a node cost",
        arguments: [(4, 100, 1000.0), (20, 1000, 10_000), (100, 1000, 50_000)]
    )
    func paper(nodes: Int, lanes: Int, quota: Double) {
        var options = WorldOptions()
        options.checksShares = false
        options.checksRows = false
        let shares = (0..<lanes).map { Share(name: "s\($0)", rate: Int(quota) / lanes * 8 / 10, ceiling: .parent) }
        let world = World.quiet(quota: quota, shares: shares, nodes: nodes, options: options)
        world.clock = Self.cpu
        for share in 0..<lanes where share % 4 != 0 {
            world.backlog("s\(share)", for: 60 * .second, depth: Int(quota) / lanes * 3)
        }
        world.run(for: 2 * .second)
        let (start, leader, count) = (Self.cpu(), world.leaderTime, world.sends.sum)
        world.run(for: 4 * .second)
        let all = Self.cpu() - start
        let sent = Double(world.sends.sum - count) / 4
        let transactions = world.database.grantTransactions
        print(
            "\(nodes) nodes, \(lanes) shares, \(Int(quota))/s: \(Int(sent)) sent/s,",
            "leader \((world.leaderTime - leader) / 4 * 1000) ms CPU/s,",
            "a node with its simulation \((all - (world.leaderTime - leader)) / 4 / Double(nodes) * 1000) ms CPU/s,",
            "\(transactions) grant transactions in all"
        )
    }
}
