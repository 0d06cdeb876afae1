import Synchronization

/// Something that pages read of the database: for many of them once, and again only when it has rested for longer than reading it
/// took, so that open pages cost a bounded part of the database's time.
final class RestedReading<Value: Sendable>: Sendable {
    /// It rests for so many times what reading it took.
    private static var rest: Int { 20 }

    private struct State {
        var value: Value?
        var dueAt: ContinuousClock.Instant?
    }

    private let leastRest: Duration
    private let state = Mutex(State())
    private let turns = TenantTurns(most: 1)

    /// - Parameter leastRest: of what changes slowly.
    init(leastRest: Duration = .zero) {
        self.leastRest = leastRest
    }

    /// What was read, by `read` if it is time. Who comes while it is read waits for that. An error is told to whoever met it.
    func value(_ read: () async throws -> Value) async throws -> Value {
        if let rested { return rested }
        return try await turns.with(0) {
            if let rested { return rested }
            let started = ContinuousClock.now
            let value = try await read()
            let end = ContinuousClock.now
            state.withLock { $0 = State(value: value, dueAt: end + max(leastRest, (end - started) * Self.rest)) }
            return value
        }
    }

    private var rested: Value? {
        state.withLock { state in state.dueAt.map { $0 > .now } ?? false ? state.value : nil }
    }
}
