import Gateway
import Metrics
import Telemetry

/// Makes the process's metrics and says what they mean.
enum MetricsSetup {
    static func bootstrap() -> PrometheusMetrics {
        let metrics = PrometheusMetrics(includesProcess: true)
        for declaration in GatewayConfiguration.metricDeclarations { metrics.declare(declaration) }
        for declaration in dispatching + feedback + webhooks + storage + reputation { metrics.declare(declaration) }
        MetricsSystem.bootstrap(metrics)
        return metrics
    }

    private static let dispatching: [MetricDeclaration] = [
        .counter("sluice_send_attempts", help: "Calls to SES by how they ended."),
        .counter("sluice_throttled", help: "Calls that SES refused for the account's rate."),
        .timer("sluice_send_duration", help: "Time from starting a call to SES to its end."),
        .timer("sluice_send_lateness", help: "How much later than its slot a call started."),
        .timer("sluice_allocation_duration", help: "Time that a leader's plan of all grants took."),
        .gauge("sluice_leader_epoch", help: "The leader's epoch, on the node that leads the account; 0 elsewhere."),
        .gauge("sluice_quota", help: "Recipients a second that SES allows, on the node that leads."),
        .gauge("sluice_quota_effective", help: "The same less what others seem to use."),
        .gauge("sluice_reserve", help: "Credits kept back for shares that have lent all they have."),
        .gauge("sluice_share_guarantee", help: "Credits that a share is promised for its own lanes."),
        .gauge("sluice_share_granted", help: "Credits that a share is granted on all nodes."),
        .gauge("sluice_share_wanted", help: "Credits that its workers have a use for."),
        .gauge("sluice_share_lent", help: "Credits that it lends to others."),
        .gauge("sluice_share_borrowed", help: "Credits that it borrows from others."),
        .gauge("sluice_worker_credits", help: "Credits of an account on this node, by state."),
        .counter("sluice_identity_checks", help: "Looks at tenants' senders by what they found."),
    ]

    private static let feedback: [MetricDeclaration] = [
        .counter("sluice_feedback_notifications", help: "Notifications from SNS and SQS by what became of them."),
        .counter("sluice_feedback_refused", help: "Posts to the SNS route that were refused, by code."),
        .counter("sluice_feedback_queue_failures", help: "Calls to SQS that failed."),
        .counter("sluice_feedback_events", help: "Events of SES that were applied, by type."),
        .counter("sluice_feedback_duplicates", help: "Events that were known already."),
        .counter("sluice_feedback_not_ours", help: "Events about mail that is not ours."),
        .counter("sluice_feedback_kept", help: "Events that can never be applied and were kept, by reason."),
        .counter("sluice_feedback_alarms", help: "Events that an operator has to look after, by kind."),
        .timer("sluice_feedback_lag", help: "Time from an event, as SES dates it, until it was applied."),
        .gauge("sluice_feedback_waiting", help: "Events that wait for the settling of their own send."),
        .gauge("sluice_feedback_missing", help: "Of the account's last 1,000 sends, those without an event in time."),
        .gauge("sluice_feedback_last_event_timestamp_seconds", help: "When the account's last event came."),
    ]

    private static let reputation: [MetricDeclaration] = [
        .counter(
            "sluice_reputation_changes",
            help: "Standings of accounts and tenants that changed, by the new state."
        ),
        .gauge("sluice_reputation_bounce_percent", help: "Permanent bounces of an account's mail, by window."),
        .gauge("sluice_reputation_complaint_percent", help: "Complaints about an account's mail, by window."),
    ]

    private static let storage: [MetricDeclaration] = [
        .gauge("sluice_storage_findings", help: "What the watchdog of the storage finds wrong, by check."),
        .gauge(
            "sluice_storage_horizon_seconds",
            help: "For how long the oldest snapshot has kept dead rows from being removed."
        ),
    ]

    private static let webhooks: [MetricDeclaration] = [
        .counter("sluice_webhook_deliveries", help: "Requests to webhook endpoints by how they ended."),
        .counter("sluice_webhook_disabled", help: "Endpoints that were disabled, by reason."),
        .timer("sluice_webhook_duration", help: "Time that a request to an endpoint took."),
        .timer("sluice_webhook_lag", help: "Time from an event until the first request about it."),
        .gauge("sluice_webhook_queued", help: "Deliveries that wait in the queue."),
    ]
}
