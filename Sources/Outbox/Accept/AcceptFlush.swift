import Logging
import Mail
import Postgres
import Sealing

/// Writes the submissions of one flush in one transaction, and says what became of each.
struct AcceptFlush: Sendable {
    /// Of one transaction: the server's table of locks is shared by all.
    private static let mostKeys = 200

    /// May insert, and look up keys, suppressions and what waits; nothing else.
    private let pool: ScopedPool
    private let check: SuppressionCheck
    private let logger: Logger
    private let onCommit: AcceptWriter.CommitHandler
    private let metrics = AcceptMetrics()

    init(
        pool: PostgresPool,
        pseudonyms: Pseudonyms?,
        logger: Logger,
        onCommit: @escaping AcceptWriter.CommitHandler
    ) {
        self.pool = pool.scoped(to: .accepting)
        check = SuppressionCheck(pseudonyms: pseudonyms)
        self.logger = logger
        self.onCommit = onCommit
    }

    /// In the order of the submissions.
    func write(_ submissions: [Submission]) async -> [AcceptVerdict] {
        let started = ContinuousClock.now
        let verdicts = await writeAll(submissions)
        metrics.flushed(
            submissions.reduce(0) { $0 + $1.messages.count },
            took: started.duration(to: .now)
        )
        return verdicts
    }

    private func writeAll(_ submissions: [Submission]) async -> [AcceptVerdict] {
        let keys = submissions.count { $0.key != nil }
        if keys > Self.mostKeys { return await writeHalves(submissions) }
        do {
            return keys == 0 ? try await writeAtOnce(submissions) : try await writeAgain(submissions)
        } catch  where Self.isRefusal(error) {
            return await writeHalves(submissions, refusal: error)
        } catch {
            return fail(submissions, AcceptError(.unavailable, "the message could not be stored: \(error)"))
        }
    }

    /// One tenant's bad row must not fail another's: what the server refuses for its data is halved.
    private func writeHalves(_ submissions: [Submission], refusal: (any Error)? = nil) async -> [AcceptVerdict] {
        if submissions.count > 1 {
            let middle = submissions.count / 2
            return await writeAll(Array(submissions[..<middle])) + writeAll(Array(submissions[middle...]))
        }
        if submissions.allSatisfy(\.isAtomic) {
            let reason = refusal.map { "\($0)" } ?? ""
            return fail(submissions, AcceptError(.refused, "the database refuses the message: \(reason)"))
        }
        do {
            return try await writeInTransaction(submissions, apart: true)
        } catch {
            return fail(submissions, AcceptError(.unavailable, "the messages could not be stored: \(error)"))
        }
    }

    private func fail(_ submissions: [Submission], _ error: AcceptError) -> [AcceptVerdict] {
        logger.warning(
            "messages not accepted",
            metadata: [
                "messages": "\(submissions.reduce(0) { $0 + $1.messages.count })", "error": "\(error)",
                "refused": "\(error.code == .refused)",
            ]
        )
        return submissions.map { _ in .failed(error) }
    }

    /// Without keys: one round trip that is a transaction by itself.
    private func writeAtOnce(_ submissions: [Submission]) async throws -> [AcceptVerdict] {
        let unmarked = submissions.flatMap(\.messages)
        let rooms = RoomStatement.looks(for: submissions)
        let look = try await check.look(at: unmarked)
        let looks = try await pool.pipeline([look.statement] + rooms)
        let plan = AcceptPlan(
            submissions,
            marked: try await check.mark(unmarked, look, looks[0]) { try await pool.query($0) },
            rooms: try RoomStatement.rooms(for: submissions, looks.dropFirst().first)
        )
        if !plan.messages.isEmpty {
            try await pool.pipeline(AcceptStatement(plan.messages).statements + RoomStatement.note(plan.counts()))
            metrics.committed(plan.messages)
            onCommit(QueueSign.of(plan.messages))
        }
        return plan.verdicts()
    }

    /// With keys, and once more when the server gave the transaction up for a reason that is gone by then. What a pipeline
    /// without a transaction does by itself.
    private func writeAgain(_ submissions: [Submission]) async throws -> [AcceptVerdict] {
        do {
            return try await writeInTransaction(submissions)
        } catch let error as PostgresError where Self.isPassing(error) {
            return try await writeInTransaction(submissions)
        }
    }

    /// With keys, or `apart`: each message so that the others stand without it.
    private func writeInTransaction(_ submissions: [Submission], apart: Bool = false) async throws -> [AcceptVerdict] {
        let (verdicts, messages) = try await pool.withTransaction { connection in
            let keys = submissions.compactMap { submission in submission.key.map { (submission.tenantID, $0) } }
            let unmarked = submissions.flatMap(\.messages)
            let look = try await check.look(at: unmarked)
            let looks = try await connection.pipeline(
                [IdempotencyStatement.lock(keys.map(\.1)), IdempotencyStatement.find(keys), look.statement]
                    + RoomStatement.looks(for: submissions)
            )
            let plan = AcceptPlan(
                submissions,
                marked: try await check.mark(unmarked, look, looks[2]) { try await connection.query($0) },
                known: try KnownAnswers(locks: looks[0], found: looks[1]),
                rooms: try RoomStatement.rooms(for: submissions, looks.dropFirst(3).first)
            )
            let messages = plan.messages
            let refused = apart ? try await insertApart(messages, 0..<messages.count, on: connection) : []
            var kept: [(tenantID: Int32, key: IdempotencyKey, answer: String)] = []
            let verdicts = zip(submissions, plan.verdicts(without: refused)).map {
                submission,
                verdict -> AcceptVerdict in
                guard let key = submission.key, case .accepted(let own) = verdict, own.isWorthKeeping else {
                    return verdict
                }
                let answer = submission.answer(own)
                kept.append((submission.tenantID, key, answer))
                return .answered(Receipt(answer: answer, isReplay: false))
            }
            var statements = apart || messages.isEmpty ? [] : AcceptStatement(messages).statements
            statements += RoomStatement.note(plan.counts(without: refused))
            if !kept.isEmpty { statements.append(IdempotencyStatement.keep(kept)) }
            let isWriting = !kept.isEmpty || refused.count < messages.count
            if !isWriting, verdicts.contains(where: \.isAnswer) {
                statements.append(IdempotencyStatement.awaitStandby)
            }
            try await connection.pipeline(statements)
            return (verdicts, messages.indices.filter { !refused.contains($0) }.map { messages[$0] })
        }
        metrics.committed(messages)
        onCommit(QueueSign.of(messages))
        return verdicts
    }

    /// Inserts some messages, and returns the places of those that the server refuses for their data.
    private func insertApart(
        _ messages: [NewMessage],
        _ range: Range<Int>,
        on connection: PostgresConnection
    ) async throws -> Set<Int> {
        try await connection.execute("SAVEPOINT apart")
        do {
            try await connection.pipeline(AcceptStatement(Array(messages[range])).statements)
            try await connection.execute("RELEASE SAVEPOINT apart")
            return []
        } catch  where Self.isRefusal(error) {
            try await connection.execute("ROLLBACK TO SAVEPOINT apart; RELEASE SAVEPOINT apart")
            if range.count == 1 { return Set(range) }
            let middle = range.lowerBound + range.count / 2
            let left = try await insertApart(messages, range.lowerBound..<middle, on: connection)
            return try await left.union(insertApart(messages, middle..<range.upperBound, on: connection))
        }
    }

    private static func isPassing(_ error: PostgresError) -> Bool {
        error.code == .server && (error.isRetryable || error.sqlState == .invalidStatementName)
    }

    /// Whether the data are refused. No constraint of the outbox checks any, so a check that fails is a day's missing
    /// partition, which is nobody's data.
    private static func isRefusal(_ error: any Error) -> Bool {
        DatabaseAvailability.isRefusal(error) && (error as? PostgresError)?.sqlState != .checkViolation
    }
}

extension [MessageVerdict] {
    /// Whether a repetition is to get the same answer: not when a limit let nothing through, which it will at another time.
    fileprivate var isWorthKeeping: Bool { contains { $0.status != nil } || !contains(where: \.isPassing) }
}
