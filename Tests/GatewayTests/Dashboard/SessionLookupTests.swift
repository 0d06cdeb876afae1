import Foundation
import Synchronization
import Testing

@testable import Directory
@testable import Gateway

/// Who is looked for in the database, and who need not be.
@Suite(.timeLimit(.minutes(5))) struct SessionLookupTests {
    private let sessions = TestSessions()
    private let lookups = SessionLookups()
    private let source = SourceAddress("192.0.2.1")
    private let looks = Looks()

    private final class Looks: Sendable {
        private let count = Mutex(0)
        func note() { count.withLock { $0 += 1 } }
        var all: Int { count.withLock { $0 } }
    }

    private static func madeUp() -> String {
        UUID().uuidString.replacing("-", with: "").lowercased() + String(repeating: "0", count: 32)
    }

    private func find(_ token: String, from source: SourceAddress? = nil) async throws -> DashboardSession? {
        try await lookups.find(token, from: source) {
            looks.note()
            return try await sessions.session(token)
        }
    }

    @Test func whatWasFoundStandsForASecondAndNotAfterItWasEnded() async throws {
        let (token, session) = try await sessions.begin(key: "sa_key")
        #expect(try await find(token) == session)
        #expect(try await find(token) == session)
        #expect(looks.all == 1)
        sessions.clear()
        try await Task.sleep(for: SessionLookups.freshness)
        #expect(try await find(token) == nil, "ended elsewhere")
        let (other, kept) = try await sessions.begin(key: "sa_key")
        lookups.keep(kept)
        #expect(try await find(other) == kept && looks.all == 2)
        try await sessions.end(kept.id)
        lookups.forget(kept.id)
        #expect(try await find(other) == nil, "ended here")
        #expect(try await find("no token") == nil && looks.all == 3)
    }

    @Test func whoShowsManyMadeUpCookiesIsRefusedAndNobodyElse() async throws {
        var refused = 0
        // Twice the bound: the second in which they are counted may end between.
        for _ in 0..<3 * SessionLookups.mostMisses {
            do { #expect(try await find(Self.madeUp(), from: source) == nil) } catch { refused += 1 }
        }
        #expect(refused > 0 && looks.all < 3 * SessionLookups.mostMisses)
        let (token, session) = try await sessions.begin(key: "sa_key")
        #expect(try await find(token, from: SourceAddress("192.0.2.2")) == session)
        // Known by now, from wherever.
        #expect(try await find(token, from: source) == session)
    }

    @Test func madeUpCookiesKeepNobodyWaitingWhoIsKnown() async throws {
        let (known, session) = try await sessions.begin(key: "sa_key")
        #expect(try await find(known) == session)
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let (begun, note) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask { [lookups] in
                    do {
                        _ = try await lookups.find(Self.madeUp(), from: nil) {
                            note.yield()
                            for await _ in gate {}
                            return nil
                        }
                        return true
                    } catch is Problem {
                        return false
                    }
                }
            }
            _ = await begun.first { _ in true }
            // Not all wait: beyond a bound they are told to come again.
            #expect(try await group.next() == false)
            try await Task.sleep(for: SessionLookups.freshness)
            #expect(try await find(known) == session, "though it is looked for anew")
            opener.finish()
            try await group.waitForAll()
        }
    }
}
