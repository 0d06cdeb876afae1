import HTTPTypes
import Hummingbird
import Logging
import Telemetry

/// Records some of the tenants' requests, or what a caller's `traceparent` asks for, and says for everything below it which span it
/// works for.
struct TraceMiddleware: RouterMiddleware {
    private static let traceparent = HTTPField.Name("traceparent")

    let tracer: Tracer

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let span = tracer.begin(traceparent: Self.traceparent.flatMap { request.headers[$0] })
        else {
            return try await next(request, context)
        }
        let startedAt = ContinuousClock.now
        context.record.trace = span.context
        var context = context
        context.logger[metadataKey: "trace_id"] = "\(span.context.traceID)"
        context.logger[metadataKey: "span_id"] = "\(span.context.spanID)"
        let scope = context
        do {
            let response = try await TraceContext.$current.withValue(span.context) {
                try await next(request, scope)
            }
            record(span, request, scope, from: startedAt, status: response.status.code, failure: nil)
            return response
        } catch {
            let problem = Problem(mapping: error) ?? .internalError()
            record(
                span,
                request,
                scope,
                from: startedAt,
                status: problem.code.status.code,
                failure: problem.code.status.code >= 500 ? problem.code.name : nil
            )
            throw error
        }
    }

    private func record(
        _ span: (context: TraceContext, parent: TraceContext?),
        _ request: Request,
        _ context: GatewayContext,
        from startedAt: ContinuousClock.Instant,
        status: Int,
        failure: String?
    ) {
        let route = context.endpointPath ?? "none"
        var attributes: [(key: String, value: TraceSpan.Value)] = [
            ("http.request.method", .text(request.method.rawValue)), ("http.route", .text(route)),
            ("http.response.status_code", .number(status)),
            ("sluice.request_id", .text(context.requestID)),
        ]
        if let tenant = context.record.tenant { attributes.append(("sluice.tenant", .text(tenant))) }
        if let message = context.record.message {
            attributes.append(("sluice.message_id", .text(message)))
        }
        tracer.record(
            TraceSpan(
                "\(request.method.rawValue) \(route)",
                kind: .server,
                context: span.context,
                parent: span.parent,
                from: startedAt,
                to: .now,
                attributes: attributes,
                failure: failure
            )
        )
    }
}
