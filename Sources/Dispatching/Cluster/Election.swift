import Capacity
import Logging
import Postgres

/// Elects the node that leads an account.
///
/// The advisory lock elects, on a connection of its own; the epoch in the row fences. A winner takes over by raising it, at
/// once: what its predecessor granted stands in the tables, and what that one may still write carries an old epoch.
struct Election: Sendable {
    /// The first half of the advisory locks' keys; the account's number is the second.
    static let lockClass: Int32 = 0x51C3
    private static let retry = Duration.milliseconds(500)
    private static let pause = Duration.seconds(1)
    /// For taking over; a server that stands still must not keep a node from the next.
    private static let patience = Duration.seconds(5)

    /// A won leadership.
    struct Term: Sendable {
        let session: AdvisoryLockSession
        let epoch: Int64
        /// The database's timeline. The term ends with it.
        let timeline: Int64
    }

    private let configuration: PostgresConfiguration
    private let pool: PostgresPool
    private let accountID: Int32
    private let logger: Logger

    init(configuration: PostgresConfiguration, pool: PostgresPool, accountID: Int32, logger: Logger) {
        // A holder that is frozen, or cut off without a word, must not keep the lock: it asks twice a second while it lives.
        var configuration = configuration
        configuration.settings["idle_session_timeout"] = "3s"
        self.configuration = configuration
        self.pool = pool
        self.accountID = accountID
        self.logger = logger
    }

    /// Waits until this node leads the account; nil when cancelled, or when `isOver` says so.
    func win(as life: Worker, isOver: () -> Bool) async -> Term? {
        var session: AdvisoryLockSession?
        while !Task.isCancelled, !isOver() {
            do {
                let open: AdvisoryLockSession
                if let session, session.isAlive {
                    open = session
                } else {
                    open = try await AdvisoryLockSession.open(configuration, timeout: .seconds(2), logger: logger)
                    session = open
                }
                if try await open.tryLock(.pair(Self.lockClass, accountID)) {
                    let (epoch, timeline) = try await takeOver(as: life)
                    return Term(session: open, epoch: epoch, timeline: timeline)
                }
                try? await Task.sleep(for: Self.retry)
            } catch {
                logger.debug("leadership not won", metadata: ["error": "\(error)"])
                await session?.close()
                session = nil
                try? await Task.sleep(for: Self.pause)
            }
        }
        await session?.close()
        return nil
    }

    private func takeOver(as life: Worker) async throws -> (epoch: Int64, timeline: Int64) {
        let terms = try await pool.query(
            """
            INSERT INTO leader (account_id, epoch, node, node_epoch)
            VALUES (\(accountID), \(Timeline.currentFloor) + 1, \(life.node), \(life.epoch))
            ON CONFLICT (account_id) DO UPDATE SET
                epoch = greatest(leader.epoch + 1, excluded.epoch), node = excluded.node, node_epoch = excluded.node_epoch,
                since = now()
            RETURNING epoch, \(Timeline.current)
            """,
            timeout: Self.patience
        ).decode(Int64.self, Int64.self)
        guard let term = terms.first else { throw DispatchError("no epoch was given") }
        return term
    }
}
