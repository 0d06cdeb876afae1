import Synchronization

/// Lets a few do something at once. Some more wait for it in line, and the rest are told to come again.
final class BoundedLine: Sendable {
    private let most: Int
    private let turns: TenantTurns
    private let present = Mutex(0)

    /// - Parameters:
    ///   - places: how many do it at once.
    ///   - waiting: how many may wait besides.
    init(places: Int, waiting: Int) {
        most = places + waiting
        turns = TenantTurns(most: places)
    }

    /// - Throws: problem `overloaded` when the line is full; `CancellationError` when the task is cancelled while it waits.
    func with<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isLetIn = present.withLock { present in
            guard present < most else { return false }
            present += 1
            return true
        }
        guard isLetIn else {
            throw Problem(.overloaded, "too many wait for this just now; try again", retryAfter: 1)
        }
        defer { present.withLock { $0 -= 1 } }
        // One line for all, and no tenant's.
        return try await turns.with(0, body)
    }
}
