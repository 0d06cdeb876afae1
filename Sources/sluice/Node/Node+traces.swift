import Outbound
import ServiceLifecycle
import Telemetry

extension Node {
    /// What hands traces on, through an HTTP client of its own, so that a collector that hangs is in nobody's way.
    func tracing(_ tracer: Tracer?) throws -> [any Service] {
        guard let tracer, let tracing = configuration.tracing else { return [] }
        let client = try HTTPClient(logger: logger)
        return [
            HTTPClientService(client: client),
            TraceExporter(tracer, tracing: tracing, node: name, client: client, logger: logger),
        ]
    }
}
