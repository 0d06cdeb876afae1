import Mail
import Outbox
import Postgres
import Testing

@testable import Outbox

@Suite("What went wrong, where most of it was put right", .timeLimit(.minutes(5)))
struct TroubleReaderTests {
    /// Sixty dead letters of two tenants, of which but every tenth is still dead.
    private func dead(_ world: World) async throws -> [OutboxID] {
        var ids: [OutboxID] = []
        for tenant in ["apa", "standard"] {
            let message = try world.message(tenant: tenant, recipients: (0..<30).map { "r\($0)@b.example" })
            try await world.accept([message])
            let calls = try await world.claim(message.laneID, 30)
            try await world.settle(calls.map { Outcome(call: $0, result: .failed(detail: "no")) })
            ids += calls.flatMap { $0.rows.map(\.id) }
        }
        ids.sort()
        let dead = ids.enumerated().filter { $0.offset.isMultiple(of: 10) }.map(\.element)
        let again = ids.filter { !dead.contains($0) }.map(\.uuid)
        let queued = MessageStatus.queued.rank
        _ = try await world.pool.query("UPDATE outbox SET status = \(queued) WHERE id = ANY (\(again))")
        return dead
    }

    @Test("Dead letters behind many that were sent again are found with one call")
    func behind() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let dead = try await dead(world)
            let reader = TroubleReader(pool: pool, bound: 32)
            let page = try await reader.recipients(TroubleFilter(), limit: 2, after: nil, before: nil)
            #expect(page.items.map(\.id) == dead.suffix(2).reversed())
            let all = try await reader.recipients(TroubleFilter(), limit: 100, after: nil, before: nil)
            #expect(all.items.map(\.id) == dead.reversed() && all.edge == nil)
            let newer = try await reader.recipients(TroubleFilter(), limit: 2, after: nil, before: dead[0])
            #expect(newer.items.map(\.id) == [dead[2], dead[1]])
        }
    }

    @Test("A search whose time is over says how far it came, and goes on from there", arguments: [false, true])
    func stepByStep(backward: Bool) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let dead = try await dead(world)
            let reader = TroubleReader(pool: pool, bound: 32, timeout: .zero)
            var place: OutboxID? = backward ? OutboxID("00000000-0000-7000-8000-000000000001") : nil
            var found: [OutboxID] = []
            var calls = 0
            repeat {
                let page = try await reader.recipients(
                    TroubleFilter(),
                    limit: 2,
                    after: backward ? nil : place,
                    before: backward ? place : nil
                )
                calls += 1
                let ids = page.items.map(\.id)
                found += backward ? ids.reversed() : ids
                place = ids.count == 2 ? found.last : page.edge
            } while place != nil && calls < 100
            #expect(found == (backward ? dead : dead.reversed()))
            #expect(calls > 3)
        }
    }
}
