import Synchronization

/// Bounds how many sessions are looked up at once: anybody can send a cookie, and mail needs the database's connections.
final class SessionLookups: Sendable {
    private static let most = 4

    private let taken = Mutex(0)

    /// - Throws: problem `overloaded` while too many are looked up.
    func run<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isFree = taken.withLock { taken in
            guard taken < Self.most else { return false }
            taken += 1
            return true
        }
        guard isFree else {
            throw Problem(.overloaded, "too many sessions are looked up just now; try again", retryAfter: 1)
        }
        defer { taken.withLock { $0 -= 1 } }
        return try await body()
    }
}
