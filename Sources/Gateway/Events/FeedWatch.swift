public import Logging
import Outbox
public import ServiceLifecycle
import Synchronization

/// Tells requests that wait for events when there are some. However many wait, one statement each 100 ms looks at the ends
/// of their tenants' feeds, and none while nobody waits. Bounded for each tenant and in all.
public final class FeedWatch: Service {
    /// Why a wait ended.
    enum Outcome: Equatable, Sendable {
        case events
        case timeout
        /// The node is being stopped.
        case draining
        /// The client has gone.
        case cancelled
        case tenantHasTooMany
        case nodeHasTooMany
    }

    /// How many may wait.
    public struct Limits: Sendable {
        public var perTenant = 10
        public var total = 1000

        public init() {}
    }

    private struct Waiter {
        let tenantID: Int32
        let after: Int64
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var waiters: [UInt64: Waiter] = [:]
        var counts: [Int32: Int] = [:]
        var nextID: UInt64 = 0
        var isDraining = false
    }

    private static let interval = Duration.milliseconds(100)
    private static let retry = Duration.seconds(1)

    private let reader: any FeedReading
    private let limits: Limits
    private let logger: Logger
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    public init(reader: any FeedReading, limits: Limits = Limits(), logger: Logger) {
        self.reader = reader
        self.limits = limits
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How many wait now.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Waits until the tenant's feed goes beyond `seq`, for `duration` at most, or until the task is cancelled.
    func wait(tenantID: Int32, after seq: Int64, for duration: Duration) async -> Outcome {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled when the wait has ended otherwise.
                if (try? await Task.sleep(for: duration)) != nil { self.finish(id, .timeout) }
            }
            let outcome = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let waiter = Waiter(tenantID: tenantID, after: seq, continuation: continuation)
                    if let refusal = add(waiter, id) { continuation.resume(returning: refusal) }
                    // Both may have happened before there was a waiter to be told.
                    if Task.isCancelled { finish(id, .cancelled) }
                }
            } onCancel: {
                finish(id, .cancelled)
            }
            group.cancelAll()
            return outcome
        }
    }

    /// Ends all waits, and those that come. The listener calls this first, because it waits for its requests.
    public func drain() {
        let waiters = state.withLock { state in
            state.isDraining = true
            defer {
                state.waiters = [:]
                state.counts = [:]
            }
            return state.waiters.values
        }
        for waiter in waiters { waiter.continuation.resume(returning: .draining) }
    }

    /// Looks while anybody waits, until the graceful shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in self.signals {
                while !Task.isCancelled, self.waiting > 0 {
                    let isDone = await self.look()
                    try? await Task.sleep(for: isDone ? Self.interval : Self.retry)
                }
            }
        }
        drain()
    }

    private func add(_ waiter: Waiter, _ id: UInt64) -> Outcome? {
        let refusal: Outcome? = state.withLock { state in
            if state.isDraining { return .draining }
            if state.waiters.count >= limits.total { return .nodeHasTooMany }
            if state.counts[waiter.tenantID, default: 0] >= limits.perTenant { return .tenantHasTooMany }
            state.waiters[id] = waiter
            state.counts[waiter.tenantID, default: 0] += 1
            return nil
        }
        if refusal == nil { signal.yield() }
        return refusal
    }

    private func finish(_ id: UInt64, _ outcome: Outcome) {
        let waiter = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: id)
            if let tenant = waiter?.tenantID {
                state.counts[tenant, default: 1] -= 1
                if state.counts[tenant] == 0 { state.counts[tenant] = nil }
            }
            return waiter
        }
        waiter?.continuation.resume(returning: outcome)
    }

    private func look() async -> Bool {
        let tenants = state.withLock { Array($0.counts.keys) }
        do {
            let heads = try await reader.heads(of: tenants)
            let ready = state.withLock { state in
                state.waiters.filter { _, waiter in (heads[waiter.tenantID]?.seq ?? 0) > waiter.after }.map(\.key)
            }
            for id in ready { finish(id, .events) }
            return true
        } catch {
            if !Task.isCancelled { logger.debug("feeds not looked at", metadata: ["error": "\(error)"]) }
            return false
        }
    }
}
