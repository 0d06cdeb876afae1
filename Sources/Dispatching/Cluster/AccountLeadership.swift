import Logging
import Postgres

/// Makes this node the one that schedules an account.
///
/// The advisory lock elects, on a connection of its own; a raised epoch fences; and the winner waits until its
/// predecessor's credits are cold: until it yielded, or its life was released or retired.
struct AccountLeadership: Sendable {
    /// The first half of the advisory locks' keys; the account's number is the second.
    static let lockClass: Int32 = 0x51C3
    private static let retry = Duration.seconds(1)
    private static let poll = Duration.milliseconds(50)

    /// A won leadership.
    struct Term: Sendable {
        let session: AdvisoryLockSession
        let epoch: Int64
        /// From when the account's credits may be used.
        let usableAt: ContinuousClock.Instant
    }

    private enum Predecessor {
        case none
        case yielded
        case life(NodeLife)
    }

    let configuration: PostgresConfiguration
    let pool: PostgresPool
    let accountID: Int32
    let logger: Logger

    /// Waits until this node leads the account; nil when cancelled.
    ///
    /// - Parameter coolDown: how long after its last call a predecessor's credits may be warm.
    func win(as life: NodeLife, coolDown: Duration) async -> Term? {
        while !Task.isCancelled {
            do {
                let session = try await AdvisoryLockSession.open(configuration, timeout: .seconds(2), logger: logger)
                do {
                    if try await session.tryLock(.pair(Self.lockClass, accountID)),
                        let term = try await begin(as: life, coolDown: coolDown, with: session)
                    {
                        return term
                    }
                } catch {
                    await session.close()
                    throw error
                }
                await session.close()
            } catch {
                logger.debug("leadership not won", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: Self.retry)
        }
        return nil
    }

    private func begin(as life: NodeLife, coolDown: Duration, with session: AdvisoryLockSession) async throws -> Term? {
        let (epoch, predecessor) = try await raiseEpoch(as: life)
        switch predecessor {
        case .none:
            return Term(session: session, epoch: epoch, usableAt: .now)
        case .yielded:
            return Term(session: session, epoch: epoch, usableAt: .now + coolDown)
        case .life(let old):
            guard
                let usableAt = try await coldInstant(
                    of: old,
                    as: life,
                    epoch: epoch,
                    coolDown: coolDown,
                    while: session
                )
            else { return nil }
            return Term(session: session, epoch: epoch, usableAt: usableAt)
        }
    }

    /// Takes the account's row at a new epoch; says who had it before.
    private func raiseEpoch(as life: NodeLife) async throws -> (epoch: Int64, predecessor: Predecessor) {
        try await pool.withTransaction { connection in
            let before = try await connection.query(
                "SELECT epoch, node, node_epoch, yielded FROM leader WHERE account_id = \(accountID) FOR UPDATE"
            ).decode(Int64.self, String.self, Int64.self, Bool.self).first
            let epoch = (before?.0 ?? 0) + 1
            // A predecessor that has not yielded stays named until its credits are cold: we may fail while we wait.
            if let before, !before.3, NodeLife(node: before.1, epoch: before.2) != life {
                _ = try await connection.query(
                    "UPDATE leader SET epoch = \(epoch) WHERE account_id = \(accountID)"
                )
                return (epoch, .life(NodeLife(node: before.1, epoch: before.2)))
            }
            try await claim(epoch, as: life, on: connection)
            return (epoch, before == nil ? .none : .yielded)
        }
    }

    private func claim(_ epoch: Int64, as life: NodeLife, on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            """
            INSERT INTO leader (account_id, epoch, node, node_epoch)
            VALUES (\(accountID), \(epoch), \(life.node), \(life.epoch))
            ON CONFLICT (account_id) DO UPDATE SET
                epoch = excluded.epoch, node = excluded.node, node_epoch = excluded.node_epoch, yielded = false
            """
        )
    }

    /// Waits until the credits of an old holder are cold, then takes the row. Nil when somebody else has raised the
    /// epoch, or the lock's connection broke: then the lock is not ours any more.
    private func coldInstant(
        of old: NodeLife,
        as life: NodeLife,
        epoch: Int64,
        coolDown: Duration,
        while session: AdvisoryLockSession
    ) async throws -> ContinuousClock.Instant? {
        logger.info(
            "waiting for the account's last scheduler to be gone",
            metadata: ["predecessor.node": "\(old.node)", "predecessor.epoch": "\(old.epoch)"]
        )
        while !Task.isCancelled {
            try await session.check()
            let state = try await pool.query(
                "SELECT state FROM lease WHERE node = \(old.node) AND epoch = \(old.epoch)"
            ).decode(String.self).first
            if state != "live" {
                // A retired life was watched until its credits were cold; a released one has just had its last answer.
                let usableAt = ContinuousClock.now + (state == "released" ? coolDown : .zero)
                let taken = try await pool.query(
                    """
                    UPDATE leader SET node = \(life.node), node_epoch = \(life.epoch), yielded = false
                    WHERE account_id = \(accountID) AND epoch = \(epoch) RETURNING 1
                    """
                )
                return taken.count == 1 ? usableAt : nil
            }
            try await Task.sleep(for: Self.poll)
        }
        return nil
    }

    /// Says that this node has stopped using the account's credits and has had all its answers.
    func yield(_ term: Term) async {
        _ = try? await pool.query(
            "UPDATE leader SET yielded = true WHERE account_id = \(accountID) AND epoch = \(term.epoch)"
        )
        await term.session.close()
    }
}
