import Capacity
import Logging
import Outbound
import Postgres
import Testing

@testable import Dispatching

@Suite("The lease of a node")
struct LeaseKeeperTests {
    @Test("A life begins while the connections of all others hang, and each has seen the timeline itself")
    func lives() async throws {
        try await withDatabase { pool, configuration in
            let logger = Logger(label: "test")
            let renewals = PostgresPool(configuration, configuration: PostgresPoolConfiguration(maxConnections: 1))
            var busy = PostgresPoolConfiguration(maxConnections: 1)
            busy.acquireTimeout = .seconds(60)
            let shared = PostgresPool(configuration, configuration: busy)
            let http = try HTTPClient(logger: logger)
            let keeper = LeaseKeeper(
                pool: shared,
                renewals: renewals,
                node: "a",
                roles: ["dispatch"],
                unknownGrace: .seconds(60),
                http: http,
                logger: logger
            )
            try await shared.withConnection { _ in
                try await withThrowingTaskGroup { group in
                    group.addTask { try await keeper.run() }
                    let first = try await life(of: keeper, after: 0)
                    _ = try await pool.query("UPDATE lease SET state = 'retired'")
                    let second = try await life(of: keeper, after: first.life.epoch)
                    #expect(second.timeline.number == first.timeline.number)
                    #expect(second.timeline.seenAt > first.timeline.seenAt)
                    group.cancelAll()
                    // What it leaves behind it gives back on the same connection.
                    _ = try? await group.next()
                }
            }
            await shared.shutDown()
            await renewals.shutDown()
            await http.shutdown()
        }
    }

    /// Waits for a life of a later epoch.
    private func life(of keeper: LeaseKeeper, after epoch: Int64) async throws -> HeldLease {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let held = keeper.held, held.life.epoch > epoch { return held }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw DispatchError("no life began")
    }
}
