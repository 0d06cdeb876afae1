import Directory
import Postgres
import Synchronization
import Testing

@testable import Capacity
@testable import Dispatching

@Suite("The tables of the credit handshake")
struct GrantStoreTests {
    private static let workers = [Worker(node: "a", epoch: 1), Worker(node: "b", epoch: 1)]

    /// An account with two live workers and a leader of epoch 1.
    private func withWorkers(_ body: @Sendable (PostgresPool, GrantStore) async throws -> Void) async throws {
        try await withDatabase { pool in
            let account = try await World(pool).account.id
            for worker in Self.workers {
                _ = try await pool.query("INSERT INTO lease (node, epoch) VALUES (\(worker.node), \(worker.epoch))")
                let store = WorkerStore(pool: pool, accountID: account, worker: worker)
                #expect(try await store.register())
            }
            _ = try await pool.query(
                "INSERT INTO leader (account_id, epoch, node, node_epoch) VALUES (\(account), 1, 'a', 1)"
            )
            try await body(pool, GrantStore(pool: pool, accountID: account))
        }
    }

    private func plan(_ changes: [GrantPlan.Change]) -> GrantStore.Writing {
        var plan = GrantPlan(rate: 50)
        plan.changes = changes
        return GrantStore.Writing(plan: plan, quota: 50, loans: LoanBook.Changes())
    }

    @Test("The statements do what GrantRow does, through any history", arguments: [1, 2, 3] as [UInt64])
    func sameAsModel(seed: UInt64) async throws {
        try await withWorkers { pool, store in
            var random = SeededGenerator(seed: seed)
            var model: [Worker: GrantRow] = [:]
            var version: Int64 = 0
            for _ in 0..<60 {
                let worker = Self.workers.randomElement(using: &random) ?? Self.workers[0]
                if model.isEmpty || Bool.random(using: &random) {
                    let credits = Int.random(in: 0...9, using: &random)
                    version += 1
                    let change = plan([GrantPlan.Change(share: 7, worker: worker, granted: credits)])
                    _ = try await store.change(epoch: 1, timeline: 1) { _ in change }
                    model[
                        worker,
                        default: GrantRow(share: 7, worker: worker, granted: 0, held: 0, version: 0, wanted: 0)
                    ].grant(credits, version: version)
                } else {
                    let report = GrantReport(
                        share: 7,
                        held: Int.random(in: 0...9, using: &random),
                        version: Bool.random(using: &random) ? model[worker]?.version ?? 0 : max(0, version - 1),
                        wanted: Int.random(in: 0...99, using: &random)
                    )
                    try await WorkerStore(pool: pool, accountID: store.accountID, worker: worker)
                        .report([report], toldElsewhere: true)
                    model[worker]?.apply(report)
                }
                let rows = try await store.look().rows
                #expect(Dictionary(uniqueKeysWithValues: rows.map { ($0.worker, $0) }) == model)
            }
        }
    }

    @Test("Leaders that overlap wait for each other: what they raise never adds up to more than there is")
    func overlappingLeaders() async throws {
        try await withWorkers { _, store in
            let total = 20
            try await withThrowingTaskGroup { group in
                for number in 0..<40 {
                    group.addTask {
                        let worker = Self.workers[number % 2]
                        _ = try await store.change(epoch: 1, timeline: 1) { sight in
                            let held = sight.rows.reduce(0) { $0 + $1.held }
                            guard held < total else { return nil }
                            let own = sight.rows.first { $0.worker == worker }?.granted ?? 0
                            return plan([GrantPlan.Change(share: 7, worker: worker, granted: own + 1)])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let rows = try await store.look().rows
            #expect(rows.reduce(0) { $0 + $1.held } == total)
        }
    }

    @Test("A leader of an old epoch writes nothing")
    func deposed() async throws {
        try await withWorkers { pool, store in
            _ = try await pool.query("UPDATE leader SET epoch = 2")
            let change = plan([GrantPlan.Change(share: 7, worker: Self.workers[0], granted: 5)])
            await #expect(throws: GrantStore.Deposed.self) {
                try await store.change(epoch: 1, timeline: 1) { _ in change }
            }
            #expect(try await store.look().rows.isEmpty)
        }
    }

    @Test("A leader of another timeline writes nothing")
    func failedOver() async throws {
        try await withWorkers { pool, store in
            let change = plan([GrantPlan.Change(share: 7, worker: Self.workers[0], granted: 5)])
            await #expect(throws: GrantStore.Deposed.self) {
                try await store.change(epoch: 1, timeline: 2) { _ in change }
            }
            #expect(try await store.look().rows.isEmpty)
            _ = try await store.change(epoch: 1, timeline: 1) { _ in change }
            #expect(try await store.look().rows.count == 1)
        }
    }

    @Test("The first leader on a timeline waits until all is cold, and then forgets the lives before it")
    func firstOnATimeline() async throws {
        try await withWorkers { pool, store in
            let change = plan([GrantPlan.Change(share: 7, worker: Self.workers[0], granted: 5)])
            _ = try await store.change(epoch: 1, timeline: 1) { _ in change }
            let sight = try await store.look()
            let directory = try await DirectoryLoader.load(pool)
            let account = try #require(directory.accounts[store.accountID])
            func mind(timeline: Int64, seen ago: Duration) -> LeaderMind {
                let mind = LeaderMind(
                    origin: .now - .seconds(100),
                    timing: LeaseTiming(),
                    timeline: TimelineSight(number: timeline, seenAt: .now - ago)
                )
                mind.configure(account, lanes: directory.lanes.values, version: directory.version)
                mind.loans = LoanBook(open: [])
                return mind
            }
            let early = mind(timeline: 2, seen: .seconds(1))
            if early.decide(on: sight) != nil { Issue.record("it did not wait") }
            let end = try #require(early.waitsUntil)
            // TTL, W and margin from the sight on.
            #expect(end > .now + .seconds(3) && end < .now + .seconds(4))
            // Nobody wakes for a moment that has passed, decided or not.
            let almost = mind(timeline: 2, seen: LeaseTiming().death(window: .seconds(1)) - .milliseconds(300))
            _ = almost.decide(on: sight)
            try await Task.sleep(for: .milliseconds(400))
            #expect(almost.waitsUntil == nil)
            let late = mind(timeline: 2, seen: .seconds(5))
            let decision = try #require(late.decide(on: sight))
            #expect(late.waitsUntil == nil)
            #expect(decision.isWorthIt)
            #expect(Set(decision.writing.buried) == Set(Self.workers))
            #expect(decision.writing.plan.changes.allSatisfy { $0.granted == 0 })
            // A leader that comes later finds the tables in order.
            let next = try #require(mind(timeline: 1, seen: .zero).decide(on: sight))
            #expect(next.writing.buried.isEmpty)
        }
    }

    @Test("Nothing is granted to a worker that is gone, and a life that is over enters no worker")
    func goneWorker() async throws {
        try await withWorkers { pool, store in
            _ = try await pool.query("DELETE FROM worker WHERE node = 'b'")
            let change = plan([
                GrantPlan.Change(share: 7, worker: Self.workers[0], granted: 5),
                GrantPlan.Change(share: 7, worker: Self.workers[1], granted: 5),
            ])
            await #expect(throws: PostgresError.self) { try await store.change(epoch: 1, timeline: 1) { _ in change } }
            #expect(try await store.look().rows.isEmpty, "all of it, or nothing")
            _ = try await pool.query("UPDATE lease SET state = 'retired' WHERE node = 'b'")
            let worker = WorkerStore(pool: pool, accountID: store.accountID, worker: Self.workers[1])
            #expect(try await !worker.register())
            #expect(try await worker.read() == nil)
        }
    }

    @Test("Loans are opened and closed with the grants that make them")
    func loans() async throws {
        try await withWorkers { pool, store in
            let loan = LoanBook.Loan(lender: "UK", borrower: "other", credits: 9)
            let smaller = LoanBook.Loan(lender: "UK", borrower: "other", credits: 4)
            var begun = plan([])
            begun.loans.begun = [loan]
            var changed = plan([])
            changed.loans = LoanBook.Changes(ended: [loan], begun: [smaller])
            let writings = [begun, changed]
            for writing in writings { _ = try await store.change(epoch: 1, timeline: 1) { _ in writing } }
            #expect(try await store.openLoans() == [smaller])
            let closed = try await pool.query("SELECT credits FROM loan WHERE to_at IS NOT NULL").decode(Int.self)
            #expect(closed == [9])
        }
    }

    @Test("What a worker reads is its own, and says whether it has company")
    func reading() async throws {
        try await withWorkers { _, store in
            let change = plan([
                GrantPlan.Change(share: 7, worker: Self.workers[0], granted: 5),
                GrantPlan.Change(share: 8, worker: Self.workers[1], granted: 6),
            ])
            _ = try await store.change(epoch: 1, timeline: 1) { _ in change }
            let worker = WorkerStore(pool: store.pool, accountID: store.accountID, worker: Self.workers[0])
            let reading = try #require(try await worker.read())
            #expect(reading.version == 1)
            #expect(reading.rate == 50 && reading.quota == 50)
            #expect(reading.rows.map(\.share) == [7])
            #expect(reading.rows.map(\.granted) == [5])
            #expect(reading.hasCompany && reading.hasSuccessor)
            let other = WorkerStore(pool: store.pool, accountID: store.accountID, worker: Self.workers[1])
            #expect(try await other.setDraining(true))
            let later = try #require(try await worker.read())
            #expect(later.hasCompany && !later.hasSuccessor)
            let nobody = WorkerStore(
                pool: store.pool,
                accountID: store.accountID,
                worker: Worker(node: "none", epoch: 1)
            )
            #expect(try await !nobody.setDraining(true))
            #expect(try await store.look().workers.filter(\.isDraining).map(\.worker) == [Self.workers[1]])
        }
    }
}

/// The same numbers in every run.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
