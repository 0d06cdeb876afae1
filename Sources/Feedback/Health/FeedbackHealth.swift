public import Directory
public import Foundation
public import Logging
public import Outbox
public import Postgres
public import ServiceLifecycle

/// Looks once a minute whether SES still talks to us: sends that no word followed, and when the last word came.
///
/// It warns when more than a twentieth of an account's latest sends have had no word, and again when that is over.
public struct FeedbackHealth: Service {
    /// How an account's feedback is.
    public struct Finding: Sendable {
        public let account: String
        public let gaps: FeedbackGaps.Count
        /// About mail of ours, of any source; nil when none has ever sent one.
        public let lastEvent: Date?

        public var isLosing: Bool { gaps.isLosing }
    }

    private static let interval = Duration.seconds(60)

    private let pool: PostgresPool
    private let directory: DirectoryCache
    private let missingAfter: Duration
    private let logger: Logger

    /// - Parameter missingAfter: how long after a send some word of SES's should have come.
    public init(
        pool: PostgresPool,
        directory: DirectoryCache,
        missingAfter: Duration = .seconds(900),
        logger: Logger
    ) {
        self.pool = pool
        self.directory = directory
        self.missingAfter = missingAfter
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var losing: Set<String> = []
            while !Task.isCancelled {
                if let accounts = self.directory.current?.accounts.values {
                    await self.look(at: accounts.filter(\.hasFeedback), losing: &losing)
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private func look(at accounts: [Account], losing: inout Set<String>) async {
        for account in accounts {
            do {
                let finding = try await Self.finding(account, missingAfter: missingAfter, in: pool)
                FeedbackMetrics.missing(finding.gaps.missing, account: account.name)
                if let last = finding.lastEvent {
                    FeedbackMetrics.lastEvent(last.timeIntervalSince1970, account: account.name)
                }
                note(finding, losing: &losing)
            } catch {
                logger.debug("feedback not looked at", metadata: ["account": "\(account.name)", "error": "\(error)"])
            }
        }
    }

    private func note(_ finding: Finding, losing: inout Set<String>) {
        if finding.isLosing, losing.insert(finding.account).inserted {
            logger.warning(
                "SES says nothing about mail that it took: run `sluice doctor`",
                metadata: [
                    "account": "\(finding.account)", "missing": "\(finding.gaps.missing)",
                    "sends": "\(finding.gaps.looked)",
                ]
            )
        } else if !finding.isLosing, losing.remove(finding.account) != nil {
            logger.info("SES's feedback is complete again", metadata: ["account": "\(finding.account)"])
        }
    }

    /// How one account's feedback is now.
    public static func finding(_ account: Account, missingAfter: Duration, in pool: PostgresPool) async throws
        -> Finding
    {
        let gaps = try await FeedbackGaps(pool: pool).count(accountID: account.id, olderThan: missingAfter)
        let last = try await pool.query(
            "SELECT max(event_at) FROM feedback_source WHERE account_id = \(account.id)"
        ).decode(Date?.self).first
        return Finding(account: account.name, gaps: gaps, lastEvent: last ?? nil)
    }
}

extension Account {
    /// Whether anything tells us what becomes of the account's mail.
    public var hasFeedback: Bool { !snsTopics.isEmpty || sqsQueueURL != nil }
}
