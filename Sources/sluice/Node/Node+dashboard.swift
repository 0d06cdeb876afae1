import Directory
import Dispatching
import Feedback
import Gateway
import Outbox
import Postgres
import Webhooks

extension Node {
    /// Each listener has a desk of its own, so that tenants' pages take no place from the operator's.
    func dashboards(
        sessions: SessionStore,
        directory: DirectoryCache,
        pool: PostgresPool
    ) -> (operators: DashboardServices, tenants: DashboardServices) {
        func services() -> DashboardServices {
            DashboardServices(
                sessions: sessions,
                live: LiveDesk(sessions: sessions, directory: directory, logger: logger),
                reader: LiveReader(pool: pool)
            )
        }
        return (services(), services())
    }

    /// What the operator sees of mail and webhooks that failed, and sends again.
    func trouble(pool: PostgresPool, dispatch: DispatchService?, hints: QueueHints) -> TroubleServices {
        TroubleServices(
            mail: TroubleReader(pool: pool),
            again: SendingAgain(
                pool: pool,
                note: { tenantID, recipients, actor in
                    AuditLog.entry(
                        action: "send_again",
                        object: "mail",
                        tenantID: tenantID,
                        detail: "\(recipients) recipient\(recipients == 1 ? "" : "s")",
                        actor: actor
                    )
                },
                onQueued: { signs in hints.note(dispatch.map { $0.note(signs) } ?? signs) }
            ),
            webhooks: WebhookTrouble(pool: pool),
            replays: ReplayStore(pool: pool)
        )
    }
}

/// Reads for the operator's overview what metrics and `sluice top` show, too.
struct HealthReader: HealthReading {
    let pool: PostgresPool
    let missingAfter: Duration

    func failingEndpoints() async throws -> [FailingEndpoint] { try await FailingEndpoint.all(pool) }

    func gaps(of accounts: [Account]) async throws -> [String: FeedbackGaps.Count] {
        let reader = FeedbackGaps(pool: pool)
        var gaps: [String: FeedbackGaps.Count] = [:]
        for account in accounts where account.hasFeedback {
            gaps[account.name] = try await reader.count(accountID: account.id, olderThan: missingAfter)
        }
        return gaps
    }
}
