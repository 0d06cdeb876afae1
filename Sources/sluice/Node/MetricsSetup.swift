import Gateway
import Metrics
import Telemetry

/// Makes the process's metrics and says what they mean.
enum MetricsSetup {
    static func bootstrap() -> PrometheusMetrics {
        let metrics = PrometheusMetrics(includesProcess: true)
        for declaration in GatewayConfiguration.metricDeclarations { metrics.declare(declaration) }
        for declaration in dispatching { metrics.declare(declaration) }
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
    ]
}
