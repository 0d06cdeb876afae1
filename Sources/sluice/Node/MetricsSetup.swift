import Gateway
import Metrics
import Telemetry

/// Makes the process's metrics and says what they mean.
enum MetricsSetup {
    static func bootstrap() -> PrometheusMetrics {
        let metrics = PrometheusMetrics(includesProcess: true)
        for declaration in GatewayConfiguration.metricDeclarations { metrics.declare(declaration) }
        metrics.declare(.counter("sluice_send_attempts", help: "Calls to SES by how they ended."))
        metrics.declare(.counter("sluice_throttled", help: "Calls that SES refused for the account's rate."))
        metrics.declare(.timer("sluice_send_duration", help: "Time from starting a call to SES to its end."))
        MetricsSystem.bootstrap(metrics)
        return metrics
    }
}
