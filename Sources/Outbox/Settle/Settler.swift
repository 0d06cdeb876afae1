public import Logging
import Mail
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Writes outcomes in batches. A known outcome is never given up while the process lives: what cannot be written is kept
/// and written when the database is back. `isLagging` tells the claimers to wait.
public final class Settler: Service {
    private struct State {
        var outcomes: [Outcome] = []
        /// Entries of each claim that have no outcome yet.
        var open: [Int64: Int] = [:]
        var writing = 0
        var isStopped = false
    }

    /// Outcomes in hand beyond which nothing more is claimed.
    public static let lag = 2_000
    private static let batch = 500

    private let pool: PostgresPool
    private let node: @Sendable () -> (name: String, epoch: Int64)
    private let logger: Logger
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameter node: the node's present life, for the send log.
    public init(pool: PostgresPool, logger: Logger, node: @escaping @Sendable () -> (name: String, epoch: Int64)) {
        self.pool = pool
        self.node = node
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public var pending: Int { state.withLock { $0.outcomes.count + $0.writing } }
    public var isLagging: Bool { pending > Self.lag }

    /// Announces a claim, so that its row is deleted with the outcome of its last entry.
    public func open(claim id: Int64, entries: Int) {
        state.withLock { $0.open[id] = entries }
    }

    /// The claims whose outcomes are not all written yet.
    public var openClaims: [Int64] { state.withLock { Array($0.open.keys) + $0.outcomes.map(\.call.claimID) } }

    public func settle(_ outcome: Outcome) {
        state.withLock { $0.outcomes.append(outcome) }
        signal.yield()
    }

    /// Writes until the graceful shutdown, then what is left, as far as the database takes it.
    public func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in signals {
                while let batch = takeBatch() { await write(batch) }
                if state.withLock({ $0.isStopped && $0.outcomes.isEmpty }) { break }
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.isStopped = true }
            self.signal.yield()
        }
    }

    private func takeBatch() -> [Outcome]? {
        state.withLock { state in
            guard !state.outcomes.isEmpty, !Task.isCancelled else { return nil }
            let batch = Array(state.outcomes.prefix(Self.batch))
            state.outcomes.removeFirst(batch.count)
            state.writing = batch.count
            return batch
        }
    }

    private func write(_ batch: [Outcome]) async {
        let finished = state.withLock { state in
            batch.compactMap { outcome -> Int64? in
                let id = outcome.call.claimID
                let left = (state.open[id] ?? 1) - 1
                state.open[id] = left > 0 ? left : nil
                return left > 0 ? nil : id
            }
        }
        var delay = Duration.milliseconds(100)
        while !Task.isCancelled {
            do {
                try await writeOnce(batch, finished: finished)
                state.withLock { $0.writing = 0 }
                return
            } catch {
                logger.warning(
                    "outcomes not written, trying again",
                    metadata: ["outcomes": "\(batch.count)", "error": "\(error)"]
                )
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(5))
            }
        }
        logger.error(
            "outcomes lost to the stop; they will be recovered as unknown",
            metadata: ["outcomes": "\(batch.count)"]
        )
    }

    private func writeOnce(_ batch: [Outcome], finished: [Int64]) async throws {
        let (node, epoch) = node()
        let moved = try await pool.query(
            SettleStatement.settle(batch, finished: finished, node: node, epoch: epoch)
        ).decode(PostgresUUID.self, Int64.self)
        let done = Set(moved.map { RowOfClaim(id: $0.0, claim: $0.1) })
        for outcome in batch {
            for row in outcome.call.rows
            where !done.contains(RowOfClaim(id: row.id.uuid, claim: outcome.call.claimID)) {
                try await writeLate(outcome, row: row.id)
            }
        }
    }

    private func writeLate(_ outcome: Outcome, row: OutboxID) async throws {
        let sesID: String?
        switch outcome.result {
        case .sent(let id): sesID = id
        case .returned, .retry, .failed: sesID = nil
        case .unknown, .expired: return
        }
        _ = try await pool.pipeline(
            SettleStatement.late(row, entry: outcome.call.entry, claim: outcome.call.claimID, sesID: sesID)
        )
    }
}

private struct RowOfClaim: Hashable {
    let id: PostgresUUID
    let claim: Int64
}
