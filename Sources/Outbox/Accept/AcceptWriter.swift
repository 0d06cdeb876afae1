public import Logging
public import Mail
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Makes messages durable: `accept` returns after the commit that holds the message.
///
/// Group commit without a timer: what arrives while the flushes are running forms the next one. So a lone message waits
/// for nothing, and under load one commit carries hundreds. Bounded by count and bytes; a full buffer refuses.
public final class AcceptWriter: Service {
    /// The bounds of the buffer and of one flush.
    public struct Limits: Sendable {
        public var waiting = 10_000
        public var waitingBytes = 256 << 20
        public var flush = 500
        public var flushBytes = 4 << 20
        public var flushesAtOnce = 2

        public init() {}
    }

    /// Called after each commit with the queues that got rows, so that a dispatcher in this process need not poll.
    public typealias CommitHandler = @Sendable ([QueueSign]) -> Void

    private struct Waiter {
        let message: NewMessage
        let bytes: Int
        let continuation: CheckedContinuation<Result<MessageStatus, AcceptError>, Never>
    }

    private struct State {
        var waiters: [Waiter] = []
        var bytes = 0
        var flushes = 0
        var isStopped = false
    }

    private let pool: PostgresPool
    private let limits: Limits
    private let logger: Logger
    private let onCommit: CommitHandler
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    public init(
        pool: PostgresPool,
        limits: Limits = Limits(),
        logger: Logger,
        onCommit: @escaping CommitHandler = { _ in }
    ) {
        self.pool = pool
        self.limits = limits
        self.logger = logger
        self.onCommit = onCommit
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Returns once the message is committed, with the status that it got: `suppressed` when none of its recipients is to
    /// get mail of the tenant.
    ///
    /// Not cancellable: a caller that goes away leaves the message on its way, because it may be committed already.
    @discardableResult
    public func accept(_ message: NewMessage) async throws(AcceptError) -> MessageStatus {
        let bytes = message.content.bytes.count + 1024
        let result: Result<MessageStatus, AcceptError> = await withCheckedContinuation { continuation in
            let refusal: AcceptError? = state.withLock { state in
                if state.isStopped { return AcceptError(.stopping, "the node is stopping") }
                if state.waiters.count >= limits.waiting || state.bytes + bytes > limits.waitingBytes {
                    return AcceptError(.full, "too many messages wait for their commit")
                }
                state.waiters.append(Waiter(message: message, bytes: bytes, continuation: continuation))
                state.bytes += bytes
                return nil
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) } else { signal.yield() }
        }
        return try result.get()
    }

    /// Flushes until the graceful shutdown; what waits by then is still written.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await _ in signals {
                    while let batch = takeBatch() {
                        group.addTask {
                            await self.flush(batch)
                            self.state.withLock { $0.flushes -= 1 }
                            self.signal.yield()
                        }
                    }
                    if state.withLock({ $0.isStopped && $0.waiters.isEmpty }) { break }
                }
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.isStopped = true }
            self.signal.yield()
        }
        let left = state.withLock { state in
            state.isStopped = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in left {
            waiter.continuation.resume(returning: .failure(AcceptError(.stopping, "the node is stopping")))
        }
    }

    private func takeBatch() -> [Waiter]? {
        state.withLock { state in
            guard state.flushes < limits.flushesAtOnce, !state.waiters.isEmpty else { return nil }
            var count = 0
            var bytes = 0
            for waiter in state.waiters.prefix(limits.flush) {
                if count > 0, bytes + waiter.bytes > limits.flushBytes { break }
                count += 1
                bytes += waiter.bytes
            }
            let batch = Array(state.waiters.prefix(count))
            state.waiters.removeFirst(count)
            state.bytes -= bytes
            state.flushes += 1
            return batch
        }
    }

    private func flush(_ batch: [Waiter]) async {
        do {
            let messages = try await SuppressionCheck.mark(batch.map(\.message), in: pool)
            _ = try await pool.pipeline(AcceptStatement(messages).statements)
            onCommit(QueueSign.of(messages))
            for (waiter, message) in zip(batch, messages) {
                waiter.continuation.resume(returning: .success(message.status))
            }
        } catch {
            await fail(batch, error)
        }
    }

    /// One tenant's bad row must not fail another's: a batch that the server refuses for its data is halved.
    private func fail(_ batch: [Waiter], _ error: any Error) async {
        let failure = error as? PostgresError
        if failure?.isDataError == true, batch.count > 1 {
            let middle = batch.count / 2
            await flush(Array(batch[..<middle]))
            await flush(Array(batch[middle...]))
            return
        }
        let accept =
            failure?.isDataError == true
            ? AcceptError(.refused, "the database refuses the message: \(error)")
            : AcceptError(.unavailable, "the message could not be stored: \(error)")
        logger.warning(
            "messages not accepted",
            metadata: ["messages": "\(batch.count)", "error": "\(error)", "refused": "\(accept.code == .refused)"]
        )
        for waiter in batch { waiter.continuation.resume(returning: .failure(accept)) }
    }
}

extension PostgresError {
    /// The server refuses the data itself (SQLSTATE classes 21, 22, 23 and the limits of class 54).
    var isDataError: Bool {
        guard let state = sqlState else { return false }
        return ["21", "22", "23", "54"].contains { "\(state)".hasPrefix($0) }
    }
}
