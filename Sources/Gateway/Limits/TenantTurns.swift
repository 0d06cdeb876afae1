import Directory
import Hummingbird
import Synchronization

/// Lets so many requests of one tenant ask the database at once; the others of it wait in line. So whoever reads much waits for
/// himself, and the connections that all share have room for everybody.
final class TenantTurns: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct Line {
        var inside = 0
        var waiting: [Waiter] = []
    }

    private struct State {
        var lines: [Int32: Line] = [:]
        var nextID: UInt64 = 0
    }

    private let most: Int
    private let state = Mutex(State())

    init(most: Int) {
        self.most = most
    }

    /// Runs `body` when it is the tenant's turn.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before.
    func with<Value>(_ tenantID: Int32, _ body: () async throws -> Value) async throws -> Value {
        guard await enter(tenantID) else { throw CancellationError() }
        defer { leave(tenantID) }
        return try await body()
    }

    private func enter(_ tenantID: Int32) async -> Bool {
        let id = state.withLock { state -> UInt64? in
            if state.lines[tenantID, default: Line()].inside < most {
                state.lines[tenantID, default: Line()].inside += 1
                return nil
            }
            state.nextID += 1
            return state.nextID
        }
        guard let id else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    // Meanwhile somebody may have left.
                    if state.lines[tenantID, default: Line()].inside < most {
                        state.lines[tenantID, default: Line()].inside += 1
                        return true
                    }
                    let waiter = Waiter(id: id, continuation: continuation)
                    state.lines[tenantID, default: Line()].waiting.append(waiter)
                    return false
                }
                if isFree { continuation.resume(returning: true) }
                // It may have happened before there was a waiter to be told.
                if Task.isCancelled { giveUp(id, tenantID) }
            }
        } onCancel: {
            giveUp(id, tenantID)
        }
    }

    private func giveUp(_ id: UInt64, _ tenantID: Int32) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.lines[tenantID]?.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.lines[tenantID]?.waiting.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
    }

    private func leave(_ tenantID: Int32) {
        let next = state.withLock { state -> Waiter? in
            guard var line = state.lines.removeValue(forKey: tenantID) else { return nil }
            if line.waiting.isEmpty {
                line.inside -= 1
                if line.inside > 0 { state.lines[tenantID] = line }
                return nil
            }
            let next = line.waiting.removeFirst()
            state.lines[tenantID] = line
            return next
        }
        next?.continuation.resume(returning: true)
    }
}

/// Makes the requests of some routes wait for their tenant's turn.
struct TenantTurnMiddleware: RouterMiddleware {
    let turns: TenantTurns

    func handle(
        _ request: Request,
        context: TenantContext,
        next: @concurrent (Request, TenantContext) async throws -> Response
    ) async throws -> Response {
        try await turns.with(context.tenant.id) { try await next(request, context) }
    }
}
