import Hummingbird
import Telemetry

/// Refuses new requests while the node is being stopped; those that are open go on.
struct DrainingMiddleware: RouterMiddleware {
    let readiness: Readiness

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard readiness.report.phase != .draining else { throw Problem.draining() }
        return try await next(request, context)
    }
}
