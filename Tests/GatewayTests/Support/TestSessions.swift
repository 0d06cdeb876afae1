import Foundation
import Gateway
import Synchronization

@testable import Directory

/// Sessions in memory.
final class TestSessions: SessionKeeping {
    private let tokens = Mutex<[String: DashboardSession]>([:])

    func begin(key: String) async throws -> (token: String, session: DashboardSession) {
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        let token = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let session = DashboardSession(
            token: bytes,
            keyHash: APIKey.hash(key),
            expiresAt: Date(timeIntervalSinceNow: 3600)
        )
        tokens.withLock { $0[token] = session }
        return (token, session)
    }

    func session(_ token: String) async throws -> DashboardSession? { tokens.withLock { $0[token] } }

    func living(_ ids: [[UInt8]]) async throws -> Set<[UInt8]> {
        tokens.withLock { tokens in Set(tokens.values.map(\.id)).intersection(ids) }
    }

    func end(_ id: [UInt8]) async throws {
        tokens.withLock { tokens in tokens = tokens.filter { $0.value.id != id } }
    }

    func clear() { tokens.withLock { $0 = [:] } }

    var count: Int { tokens.withLock { $0.count } }
}

/// An account that sends to five recipients in each second, by a clock of its own.
struct TestLive: LiveReading {
    /// How far that is ahead of ours, in seconds.
    var ahead = 0.0

    func watch(accountID: Int32) async throws {}
    func seconds(accountID: Int32, last count: Int, after second: Int64?) async throws
        -> (now: Date, seconds: [LiveSecond])
    {
        let now = Date(timeIntervalSinceNow: ahead)
        let last = Int64(now.timeIntervalSince1970) - 1
        let first = max(last - Int64(count) + 1, (second ?? 0) + 1)
        guard first <= last else { return (now, []) }
        return (now, (first...last).map { LiveSecond(second: $0, shares: [101: .init(used: 5)]) })
    }
    func log(accountID: Int32, last count: Int) async throws -> [LiveSecond] { [] }
    func openLoans(accountID: Int32, limit: Int) async throws -> [LoanEntry] { [] }
}
