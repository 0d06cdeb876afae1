import Hummingbird
import Logging
import Telemetry

/// Writes a line for each request, and counts and times it. No addresses, no subjects, no keys, and paths only as templates.
struct AccessLogMiddleware: RouterMiddleware {
    let metrics: RequestMetrics

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let clock = ContinuousClock()
        let start = clock.now
        let response = try await next(request, context)
        let elapsed = start.duration(to: clock.now)
        let route = Self.route(context)
        metrics.record(method: request.method, route: route, status: response.status.code, elapsed: elapsed)
        let problem = context.record.problem
        if let problem { metrics.refused(code: problem) }
        // What a flood is refused is counted, and said once in a while (`RateLimitMiddleware`): the log is everybody's.
        let level: Logger.Level = Self.isProbe(route) || context.record.isOverRate ? .debug : .info
        guard context.logger.logLevel <= level else { return response }
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)",
            "route": "\(route)",
            "status": "\(response.status.code)",
            "ms": "\(elapsed / .milliseconds(1))",
        ]
        if let problem { metadata["code"] = "\(problem)" }
        if let tenant = context.record.tenant { metadata["tenant"] = "\(tenant)" }
        if let message = context.record.message { metadata["message_id"] = "\(message)" }
        if let trace = context.record.trace {
            metadata["trace_id"] = "\(trace.traceID)"
            metadata["span_id"] = "\(trace.spanID)"
        }
        context.logger.log(level: level, "request", metadata: metadata)
        return response
    }

    /// The template, such as `/messages/{id}`, so that no path of a client's making gets into labels.
    private static func route(_ context: GatewayContext) -> String {
        guard let path = context.endpointPath, path.hasPrefix("/") else { return "none" }
        return path
    }

    private static func isProbe(_ route: String) -> Bool {
        ["/livez", "/healthz", "/readyz", "/metrics"].contains(route)
    }
}
