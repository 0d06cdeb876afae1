import Hummingbird

/// Demands that a tenant's key allows what is asked. Stands behind the tenant's rate, so that what is refused counts in it, too.
struct ScopeMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let caller = context.caller else { throw Problem.invalidKey() }
        try RouteScope.check(request.method, context.endpointPath ?? "", caller.grant)
        return try await next(request, context)
    }
}
