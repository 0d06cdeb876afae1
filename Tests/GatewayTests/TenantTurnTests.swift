import Synchronization
import Testing

@testable import Gateway

/// How many of a tenant's requests ask the database at once.
@Suite(.timeLimit(.minutes(5))) struct TenantTurnTests {
    private final class Inside: Sendable {
        private let counts = Mutex<[Int32: Int]>([:])
        private let mosts = Mutex<[Int32: Int]>([:])

        func visit(_ tenant: Int32) async {
            let count = counts.withLock { counts in
                counts[tenant, default: 0] += 1
                return counts[tenant] ?? 0
            }
            mosts.withLock { $0[tenant] = max($0[tenant] ?? 0, count) }
            for _ in 0..<20 { await Task.yield() }
            counts.withLock { $0[tenant, default: 0] -= 1 }
        }

        var most: [Int32: Int] { mosts.withLock(\.self) }
    }

    @Test func everybodyHasATurnAndNoTenantMoreThanItsPart() async throws {
        let turns = TenantTurns(most: 3)
        let inside = Inside()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                let tenant = Int32(number % 2)
                group.addTask { try await turns.with(tenant) { await inside.visit(tenant) } }
            }
            try await group.waitForAll()
        }
        #expect(inside.most.values.allSatisfy { (1...3).contains($0) }, "\(inside.most)")
    }

    @Test func whoIsFullKeepsNobodyElseWaiting() async throws {
        let turns = TenantTurns(most: 1)
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let (begun, begin) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await turns.with(1) {
                    begin.yield()
                    for await _ in gate { break }
                }
            }
            _ = await begun.first { _ in true }
            group.addTask { try await turns.with(1) {} }
            // Not behind the one that waits.
            try await turns.with(2) {}
            opener.yield()
            try await group.waitForAll()
        }
    }

    @Test func whoGoesAwayLeavesTheLine() async throws {
        let turns = TenantTurns(most: 1)
        try await turns.with(1) {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask { (try? await turns.with(1) { true }) ?? false }
                group.cancelAll()
                let hasHad = await group.next()
                #expect(hasHad == false)
            }
        }
        #expect(try await turns.with(1) { true })
    }
}
