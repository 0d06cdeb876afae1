import Directory
import Dispatching
import Gateway
import Outbox
import Postgres
import Webhooks

extension Node {
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
