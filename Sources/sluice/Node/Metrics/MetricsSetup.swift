import Feedback
import Gateway
import Metrics
import Telemetry
import Webhooks

/// Makes the process's metrics and says what they mean. Every metric is declared here or beside `NodeReadings`, and stands in
/// docs/metrics.md.
///
/// A counter that an alert watches for its first event has its series from the start: an increase is not seen of a series that
/// begins with it.
enum MetricsSetup {
    static func bootstrap() -> PrometheusMetrics {
        let metrics = PrometheusMetrics(includesProcess: true)
        let own =
            accepting + leading + sending + settling + cluster + feedback + webhooks + storage
            + reputation
        for declaration in own + GatewayConfiguration.metricDeclarations + NodeReadings.declarations {
            metrics.declare(declaration)
        }
        MetricsSystem.bootstrap(metrics)
        return metrics
    }

    /// Of what comes from elsewhere, and may be hours late after an outage.
    private static let lags = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600]

    private static let accepting: [MetricDeclaration] = [
        .counter(
            "sluice_accepted_messages",
            help: "Messages that were accepted: their commit was answered.",
            series: [[:]]
        ),
        .counter("sluice_accepted_recipients", help: "Recipients of accepted messages.", series: [[:]]),
        .timer(
            "sluice_accept_flush_duration",
            help: "Time that writing and committing a batch of messages took."
        ),
        .histogram(
            "sluice_accept_flush_messages",
            help: "Messages that were committed together.",
            buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500]
        ),
    ]

    private static let leading: [MetricDeclaration] = [
        .timer("sluice_allocation_duration", help: "Time that a leader's plan of all grants took."),
        .gauge(
            "sluice_leader_epoch",
            help: "The leader's epoch, on the node that leads the account; 0 elsewhere."
        ),
        .gauge("sluice_quota", help: "Recipients a second that SES allows, on the node that leads."),
        .gauge("sluice_quota_effective", help: "The same less what others seem to use."),
        .gauge("sluice_reserve", help: "Credits kept back for shares that have lent all they have."),
        .gauge(
            "sluice_account_paused",
            help: "Whether an operator has paused the account, on the node that leads."
        ),
        .gauge("sluice_share_guarantee", help: "Credits that a share is promised for its own lanes."),
        .gauge("sluice_share_granted", help: "Credits that a share is granted on all nodes."),
        .gauge("sluice_share_wanted", help: "Credits that its workers have a use for."),
        .gauge("sluice_share_lent", help: "Credits that it lends to others."),
        .gauge("sluice_share_borrowed", help: "Credits that it borrows from others."),
        .gauge(
            "sluice_queue_recipients",
            help:
                "Recipients that wait, by share and state; counted up to a bound, on the node that leads."
        ),
        .gauge(
            "sluice_queue_oldest_seconds",
            help: "For how long the first recipient that may be sent has waited."
        ),
        .gauge(
            "sluice_queue_overdue_seconds",
            help: "For how long deferred mail has been due and was not promoted."
        ),
        .gauge(
            "sluice_unknown_oldest_seconds",
            help: "For how long the oldest unknown outcome has been open."
        ),
        .gauge(
            "sluice_quota_daily_recipients",
            help: "Recipients that SES allows in 24 hours; -1: no limit."
        ),
        .gauge(
            "sluice_quota_daily_used_recipients",
            help: "Recipients of that which are used or leased."
        ),
        .counter(
            "sluice_quota_windows_over",
            help: "Windows of the send log that held more than the quota or a ceiling, by certainty."
        ),
        .counter(
            "sluice_quota_audited_recipients",
            help: "Recipients whose sends were held against the quota."
        ),
    ]

    private static let sending: [MetricDeclaration] = [
        .counter("sluice_send_attempts", help: "Calls to SES by how they ended."),
        .counter(
            "sluice_send_recipients",
            help: "Recipients of calls to SES by share and how the calls ended."
        ),
        .counter(
            "sluice_send_failures",
            help: "Calls to SES that it did not take, or did not answer, by why."
        ),
        .counter("sluice_throttled", help: "Calls that SES refused for the account's rate."),
        .timer("sluice_send_duration", help: "Time from starting a call to SES to its end."),
        .timer("sluice_send_lateness", help: "How much later than its slot a call started."),
        .gauge("sluice_worker_credits", help: "Credits of an account on this node, by state."),
        .gauge(
            "sluice_account_parked",
            help: "Whether the account sends nothing on this node for that reason."
        ),
        .counter("sluice_identity_checks", help: "Looks at tenants' senders by what they found."),
    ]

    private static let settling: [MetricDeclaration] = [
        .timer(
            "sluice_settle_duration",
            help: "Time that writing a batch of outcomes took, with repetitions."
        ),
        .counter(
            "sluice_settle_failures",
            help: "Attempts to write outcomes that failed; they are repeated.",
            series: [[:]]
        ),
    ]

    private static let cluster: [MetricDeclaration] = [
        .timer(
            "sluice_lease_renewal_duration",
            help: "Time from asking for a renewal of the lease to its answer."
        ),
        .counter(
            "sluice_lease_renewal_failures",
            help: "Renewals of the lease that failed.",
            series: [[:]]
        ),
        .counter(
            "sluice_lease_losses",
            help: "Leases that this node lost, by why.",
            series: ["declared_dead", "failover", "ran_out"].map { ["reason": $0] }
        ),
        .counter(
            "sluice_nodes_buried",
            help: "Dead nodes whose claims this node took over.",
            series: [[:]]
        ),
        .counter(
            "sluice_claims_recovered",
            help: "Recipients whose outcome is unknown because of that.",
            series: [[:]]
        ),
    ]

    private static let feedback: [MetricDeclaration] = [
        .counter(
            "sluice_feedback_notifications",
            help: "Notifications from SNS and SQS by what became of them."
        ),
        .counter("sluice_feedback_refused", help: "Posts to the SNS route that were refused, by code."),
        .counter("sluice_feedback_queue_failures", help: "Calls to SQS that failed."),
        .counter("sluice_feedback_events", help: "Events of SES that were applied, by type."),
        .counter("sluice_feedback_duplicates", help: "Events that were known already.", series: [[:]]),
        .counter(
            "sluice_feedback_not_ours",
            help: "Events about mail that is not ours.",
            series: [[:]]
        ),
        .counter(
            "sluice_feedback_kept",
            help: "Events that can never be applied and were kept, by reason.",
            series: FeedbackMetrics.keptReasons.map { ["reason": $0] }
        ),
        .counter(
            "sluice_feedback_alarms",
            help: "Events that an operator has to look after, by kind.",
            series: OperatorAlarm.Kind.allCases.map { ["kind": $0.rawValue] }
        ),
        .timer(
            "sluice_feedback_lag",
            help: "Time from an event, as SES dates it, until it was applied.",
            buckets: lags
        ),
        .gauge("sluice_feedback_waiting", help: "Events that wait for the settling of their own send."),
        .gauge(
            "sluice_feedback_missing",
            help: "Of the account's last 1,000 sends, those without an event in time."
        ),
        .gauge(
            "sluice_feedback_last_event_timestamp_seconds",
            help: "When the account's last event came."
        ),
    ]

    private static let reputation: [MetricDeclaration] = [
        .counter(
            "sluice_reputation_changes",
            help: "Standings of accounts and tenants that changed, by the new state."
        ),
        .gauge(
            "sluice_reputation_bounce_ratio",
            help: "Part of an account's mail that bounced for good, by window."
        ),
        .gauge(
            "sluice_reputation_complaint_ratio",
            help: "Part of an account's mail that led to complaints, by window."
        ),
    ]

    private static let storage: [MetricDeclaration] = [
        .gauge(
            "sluice_storage_findings",
            help: "What the watchdog of the storage finds wrong, by check."
        ),
        .gauge(
            "sluice_storage_horizon_seconds",
            help: "For how long the oldest snapshot has kept dead rows from being removed."
        ),
        .gauge(
            "sluice_partitions_made_timestamp_seconds",
            help: "When this node last saw to it that the partitions of a week ahead are there."
        ),
        .gauge(
            "sluice_partitions_dropped_timestamp_seconds",
            help: "When this node last looked for partitions that need not be kept any more."
        ),
    ]

    private static let webhooks: [MetricDeclaration] = [
        .counter("sluice_webhook_deliveries", help: "Requests to webhook endpoints by how they ended."),
        .counter(
            "sluice_webhook_disabled",
            help: "Endpoints that were disabled, by reason.",
            series: WebhookMetrics.disabledReasons.map { ["reason": $0] }
        ),
        .timer("sluice_webhook_duration", help: "Time that a request to an endpoint took."),
        .timer(
            "sluice_webhook_lag",
            help: "Time from an event until the first request about it.",
            buckets: lags
        ),
        .gauge("sluice_webhook_queued", help: "Deliveries that wait in the queue."),
        .gauge("sluice_webhook_endpoints", help: "Endpoints by how they are: well, failing, disabled."),
    ]
}
