public import Logging
import Mail
import Metrics
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Writes outcomes in batches. A known outcome is never given up while the process lives: what cannot be written is kept
/// and written when the database is back, also when another node has taken its claim for unknown meanwhile. `isLagging`
/// tells the claimers to wait, so what is kept is bounded by that and by the credits in flight.
///
/// A stop waits for the database as long as the node's grace lasts. What cannot be written by then is recovered as unknown by
/// another node, as after a crash, and SES's own word for it still corrects that.
public final class Settler: Service {
    private struct Waiting {
        let outcome: Outcome
        let since: ContinuousClock.Instant
    }

    private struct State {
        var outcomes: [Waiting] = []
        /// Since when the oldest of those that are being written waits.
        var writingSince: ContinuousClock.Instant?
        /// Entries of each claim that have no outcome yet.
        var open: [Int64: Int] = [:]
        /// Claims of the outcomes that are being written.
        var writing: [Int64] = []
        /// Outcomes whose writing was broken off by the end of the process.
        var unwritten = 0
        var isStopped = false
    }

    /// Outcomes in hand beyond which nothing more is claimed.
    public static let lag = 2_000
    private static let batch = 500

    private let pool: PostgresPool
    private let logger: Logger
    private let duration = Metrics.Timer(label: "sluice_settle_duration")
    private let failures = Counter(label: "sluice_settle_failures")
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    /// Signs of entries that went back into their queues. For one reader; a hint, so that the oldest go when there is none.
    public let returned: AsyncStream<[QueueSign]>
    private let returning: AsyncStream<[QueueSign]>.Continuation

    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (returned, returning) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    public var pending: Int { state.withLock { $0.outcomes.count + $0.writing.count } }
    public var isLagging: Bool { pending > Self.lag }

    /// How long the oldest outcome in hand waits for its writing.
    public var age: Duration {
        let since = state.withLock { $0.writingSince ?? $0.outcomes.first?.since }
        return since.map { $0.duration(to: .now) } ?? .zero
    }

    /// Announces a claim, so that its row is deleted with the outcome of its last entry.
    public func open(claim id: Int64, entries: Int) {
        state.withLock { $0.open[id] = entries }
    }

    /// The claims whose outcomes are not all written yet.
    public var openClaims: [Int64] {
        state.withLock { Array($0.open.keys) + $0.outcomes.map(\.outcome.call.claimID) + $0.writing }
    }

    public func settle(_ outcome: Outcome) {
        state.withLock { $0.outcomes.append(Waiting(outcome: outcome, since: .now)) }
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
        let (left, kept) = state.withLock { ($0.unwritten + $0.outcomes.count, $0.isStopped) }
        guard left > 0, kept else { return }
        logger.error(
            "outcomes are not written, because the database was away until the end: they will be recovered as unknown",
            metadata: ["outcomes": "\(left)"]
        )
    }

    private func takeBatch() -> [Outcome]? {
        state.withLock { state in
            guard !state.outcomes.isEmpty, !Task.isCancelled else { return nil }
            state.writingSince = state.outcomes.first?.since
            let batch = state.outcomes.prefix(Self.batch).map(\.outcome)
            state.outcomes.removeFirst(batch.count)
            state.writing = batch.map(\.call.claimID)
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
        do {
            let started = ContinuousClock.now
            try await write(batch, finished: finished)
            duration.record(duration: started.duration(to: .now))
            state.withLock { state in
                state.writing = []
                state.writingSince = nil
            }
        } catch {
            // Their claims stay among the open ones, or they would count as forgotten, and what SES has taken would be sent again.
            state.withLock { $0.unwritten += batch.count }
        }
    }

    /// - Throws: `CancellationError` when the process was torn down before all was written.
    private func write(_ batch: [Outcome], finished: [Int64]) async throws {
        do {
            try await untilWritten { try await writeOnce(batch, finished: finished) }
        } catch let error as PostgresError {
            // Some outcome's data are refused: find it, write the others, and close all claims but its own.
            let refused = try await writeHalves(batch, error)
            // Or they would count as forgotten, and what SES has taken would go back into the queue.
            state.withLock { state in for id in refused { state.open[id, default: 0] += 1 } }
            let closed = finished.filter { !refused.contains($0) }
            try await untilWritten {
                _ = try await pool.query("DELETE FROM claim WHERE id = ANY (\(closed))")
            }
        }
    }

    /// Writes what the server takes of a refused batch; returns the claims of what it does not. Those stay open, and are
    /// recovered as unknown when this life of the node is over.
    private func writeHalves(_ batch: [Outcome], _ error: PostgresError) async throws -> [Int64] {
        guard batch.count > 1 else {
            logger.critical(
                "an outcome cannot be written",
                metadata: ["outbox_id": "\(batch.first?.call.entry.text ?? "")", "error": "\(error)"]
            )
            return batch.map(\.call.claimID)
        }
        var refused: [Int64] = []
        for half in [batch[..<(batch.count / 2)], batch[(batch.count / 2)...]] {
            let half = Array(half)
            do {
                try await untilWritten { try await writeOnce(half, finished: []) }
            } catch let error as PostgresError {
                refused += try await writeHalves(half, error)
            }
        }
        return refused
    }

    /// Tries until the database takes it or the process is torn down.
    /// - Throws: the error of data that the server refuses; `CancellationError` when the process was torn down before.
    private func untilWritten(_ write: () async throws -> Void) async throws {
        var delay = Duration.milliseconds(100)
        while !Task.isCancelled {
            do {
                return try await write()
            } catch let error as PostgresError where error.isDataError {
                throw error
            } catch {
                failures.increment()
                logger.warning("outcomes not written, trying again", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(1))
            }
        }
        throw CancellationError()
    }

    private func writeOnce(_ batch: [Outcome], finished: [Int64]) async throws {
        let moved = try await pool.query(SettleStatement.settle(batch, finished: finished))
            .decode(PostgresUUID.self, Int64.self)
        let done = Set(moved.map { RowOfClaim(id: $0.0, claim: $0.1) })
        for outcome in batch {
            let isWritten = outcome.call.rows.contains {
                done.contains(RowOfClaim(id: $0.id.uuid, claim: outcome.call.claimID))
            }
            if !isWritten { try await writeLate(outcome) }
        }
        sign(batch.filter(\.isReturned).map(\.call))
    }

    private func writeLate(_ outcome: Outcome) async throws {
        let sesID: String?
        switch outcome.result {
        case .sent(let id): sesID = id
        case .returned, .postponed, .retry, .failed: sesID = nil
        case .suppressed:
            _ = try await pool.query(SettleStatement.lateSuppressed(outcome.call))
            return
        case .unknown, .expired, .superseded: return
        }
        _ = try await pool.pipeline(SettleStatement.late(outcome, sesID: sesID))
        if sesID == nil { sign([outcome.call]) }
    }

    private func sign(_ returned: [ClaimedCall]) {
        sign(QueueSign.of(returned: returned))
    }

    /// Tells the reader of ``returned`` what went back into its queue some other way.
    public func sign(_ returned: [QueueSign]) {
        if !returned.isEmpty { returning.yield(returned) }
    }
}

extension Outcome {
    fileprivate var isReturned: Bool {
        if case .returned = result { true } else { false }
    }
}

private struct RowOfClaim: Hashable {
    let id: PostgresUUID
    let claim: Int64
}
