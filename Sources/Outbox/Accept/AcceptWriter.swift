public import Logging
public import Postgres
public import Sealing
public import ServiceLifecycle

/// Makes messages durable: `accept` returns after the commit that holds them.
public final class AcceptWriter: Service {
    /// The bounds of the buffer and of one flush.
    public struct Limits: Sendable {
        /// Messages: seconds of work, so that a tenant's part holds a few dozen of its largest batches. Memory is bounded by
        /// the bytes.
        public var waiting = 40_000
        public var waitingBytes = 256 << 20
        /// The part of the buffer that one tenant may fill.
        public var tenantPart = 0.5
        public var flush = 500
        public var flushBytes = 4 << 20
        public var flushesAtOnce = 2
        /// Messages for which a second flush is worth its commit: with fewer, PostgreSQL spends a fifth more on each.
        public var leastBeside = 64

        public init() {}
    }

    /// Called after each commit with the queues that got rows, so that a dispatcher in this process need not poll.
    public typealias CommitHandler = @Sendable ([QueueSign]) -> Void

    /// What the buffer may hold.
    public let limits: Limits
    private let pool: PostgresPool
    private let flush: AcceptFlush
    private let seal: MailSeal
    private let commits: GroupCommit<Submission, AcceptVerdict>

    /// - Parameters:
    ///   - vault: seals what mail says before it waits for its commit.
    ///   - pseudonyms: under which addresses are suppressed that were erased.
    public init(
        pool: PostgresPool,
        limits: Limits = Limits(),
        vault: Vault? = nil,
        pseudonyms: Pseudonyms? = nil,
        logger: Logger,
        onCommit: @escaping CommitHandler = { _ in }
    ) {
        self.pool = pool
        self.limits = limits
        seal = MailSeal(vault: vault)
        flush = AcceptFlush(pool: pool, pseudonyms: pseudonyms, logger: logger, onCommit: onCommit)
        commits = GroupCommit(
            .init(
                waiting: limits.waiting,
                waitingBytes: limits.waitingBytes,
                part: limits.tenantPart,
                flush: limits.flush,
                flushBytes: limits.flushBytes,
                flushesAtOnce: limits.flushesAtOnce,
                leastBeside: limits.leastBeside
            )
        )
    }

    /// Messages that wait for their commit, and their bytes.
    public var waiting: Int { commits.waiting }
    public var waitingBytes: Int { commits.waitingBytes }

    /// Returns once the messages are committed, or were by an earlier request with the same key.
    ///
    /// Not cancellable: a caller that goes away leaves the messages on their way, because they may be committed already.
    public func accept(_ submission: Submission) async throws(AcceptError) -> Receipt {
        let submission = try await sealed(submission)
        let verdict: AcceptVerdict
        do throws(GroupCommit<Submission, AcceptVerdict>.Refusal) {
            verdict = try await commits.submit(
                submission,
                units: submission.messages.count,
                bytes: submission.bytes,
                party: submission.tenantID
            )
        } catch {
            throw AcceptError(error)
        }
        switch verdict {
        case .accepted(let verdicts): return Receipt(answer: submission.answer(verdicts), isReplay: false)
        case .answered(let receipt): return receipt
        case .failed(let error): throw error
        }
    }

    /// On the caller's time, so that neither many nor a key that cannot be had make others wait.
    private func sealed(_ submission: Submission) async throws(AcceptError) -> Submission {
        do throws(SealingError) {
            return try await seal.seal(submission)
        } catch {
            throw AcceptError(.unavailable, "the message could not be sealed: \(error)")
        }
    }

    /// The answer to an earlier request with the same key; nil when there was none, and an error while one is being accepted.
    ///
    /// For a request that is refused now: it may be a repetition of one that was right when it came first.
    public func receipt(for key: IdempotencyKey, tenantID: Int32) async throws(AcceptError) -> Receipt? {
        let verdict: AcceptVerdict?
        do {
            verdict = try await pool.scoped(to: .accepting).withTransaction { connection in
                let looks = try await connection.pipeline([
                    IdempotencyStatement.lock([key]), IdempotencyStatement.find([(tenantID, key)]),
                ])
                var known = try KnownAnswers(locks: looks[0], found: looks[1])
                let verdict = known.take(key)
                if verdict?.isAnswer == true { try await connection.query(IdempotencyStatement.awaitStandby) }
                return verdict
            }
        } catch {
            throw AcceptError(.unavailable, "the key could not be looked up: \(error)")
        }
        switch verdict {
        case .answered(let receipt): return receipt
        case .failed(let error): throw error
        case .accepted, nil: return nil
        }
    }

    /// Flushes until the graceful shutdown; what waits by then is still written.
    public func run() async throws {
        await commits.run(hasLeft: \.isLasting) { [flush] in await flush.write($0) }
    }
}

extension AcceptError {
    init(_ refusal: GroupCommit<Submission, AcceptVerdict>.Refusal) {
        switch refusal {
        case .full(let seconds): self.init(.full, "too many messages wait for their commit", retryAfter: seconds)
        case .partFull(let seconds):
            self.init(.tenantFull, "too many messages of the tenant wait for their commit", retryAfter: seconds)
        case .stopping: self.init(.stopping, "the node is stopping")
        }
    }
}
