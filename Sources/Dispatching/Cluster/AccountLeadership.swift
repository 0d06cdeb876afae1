import Logging
import Postgres

/// Makes this node the one that schedules an account.
///
/// The advisory lock elects, on a connection of its own; the row's epoch fences; and the winner takes the row only when its
/// predecessor has stopped using the account's credits: it yielded, or its life was released or retired.
struct AccountLeadership: Sendable {
    /// The first half of the advisory locks' keys; the account's number is the second.
    static let lockClass: Int32 = 0x51C3
    private static let retry = Duration.seconds(1)
    private static let poll = Duration.milliseconds(50)

    /// A won leadership.
    struct Term: Sendable {
        let session: AdvisoryLockSession
        let epoch: Int64
        /// Up to when a predecessor may have used the account's credits; nil when they are cold or were never used.
        let lastUse: ContinuousClock.Instant?
    }

    private struct Holder {
        let epoch: Int64
        let life: NodeLife
        let hasYielded: Bool
        /// Of its lease: live, released, retired; nil when there is none.
        let state: String?
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

    /// Waits until this node leads the account; nil when cancelled. It must not be sending for the account meanwhile.
    func win(as life: NodeLife) async -> Term? {
        while !Task.isCancelled {
            do {
                try await yieldOldTerms(of: life)
                let session = try await AdvisoryLockSession.open(configuration, timeout: .seconds(2), logger: logger)
                do {
                    if try await session.tryLock(.pair(Self.lockClass, accountID)) {
                        return try await take(as: life, with: session)
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

    /// Says that this node has stopped using the account's credits and has had all its answers.
    func yield(_ term: Term, as life: NodeLife) async {
        // When this fails, the next `win` says it again; until then the row names a live node.
        try? await yieldOldTerms(of: life)
        await term.session.close()
    }

    private func yieldOldTerms(of life: NodeLife) async throws {
        _ = try await pool.query(
            """
            UPDATE leader SET yielded = true
            WHERE account_id = \(accountID) AND node = \(life.node) AND node_epoch = \(life.epoch) AND NOT yielded
            """
        )
    }

    /// Holds the lock until the account is free, then takes its row.
    private func take(as life: NodeLife, with session: AdvisoryLockSession) async throws -> Term {
        var isAnnounced = false
        while true {
            try Task.checkCancellation()
            try await session.check()
            let holder = try await holder()
            if holder.map(isFree) ?? true, let epoch = try await take(after: holder?.epoch, as: life) {
                // A retired life was watched until its credits were cold.
                let isWarm = holder.map { $0.hasYielded || $0.state == "released" } ?? false
                return Term(session: session, epoch: epoch, lastUse: isWarm ? .now : nil)
            }
            if !isAnnounced, let holder {
                isAnnounced = true
                logger.info(
                    "waiting for the account's last scheduler to be gone",
                    metadata: [
                        "predecessor.node": "\(holder.life.node)", "predecessor.epoch": "\(holder.life.epoch)",
                    ]
                )
            }
            try await Task.sleep(for: Self.poll)
        }
    }

    private func isFree(_ holder: Holder) -> Bool { holder.hasYielded || holder.state != "live" }

    private func holder() async throws -> Holder? {
        try await pool.query(
            """
            SELECT leader.epoch, leader.node, leader.node_epoch, leader.yielded, lease.state
            FROM leader LEFT JOIN lease ON lease.node = leader.node AND lease.epoch = leader.node_epoch
            WHERE account_id = \(accountID)
            """
        ).decode(Int64.self, String.self, Int64.self, Bool.self, String?.self).first.map {
            Holder(epoch: $0.0, life: NodeLife(node: $0.1, epoch: $0.2), hasYielded: $0.3, state: $0.4)
        }
    }

    /// Takes the row if its epoch is still the one that was read; returns the new epoch.
    private func take(after epoch: Int64?, as life: NodeLife) async throws -> Int64? {
        let next = (epoch ?? 0) + 1
        let taken: Rows
        if let epoch {
            taken = try await pool.query(
                """
                UPDATE leader SET epoch = \(next), node = \(life.node), node_epoch = \(life.epoch), yielded = false
                WHERE account_id = \(accountID) AND epoch = \(epoch) RETURNING 1
                """
            )
        } else {
            taken = try await pool.query(
                """
                INSERT INTO leader (account_id, epoch, node, node_epoch)
                VALUES (\(accountID), \(next), \(life.node), \(life.epoch)) ON CONFLICT DO NOTHING RETURNING 1
                """
            )
        }
        return taken.count == 1 ? next : nil
    }
}
