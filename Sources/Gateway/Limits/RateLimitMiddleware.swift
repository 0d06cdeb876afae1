import Directory
import Hummingbird
import Logging

/// Holds tenants to their rates. Stands behind the authentication and before everything that costs something.
struct RateLimitMiddleware: RouterMiddleware {
    let rates: RequestRates
    let places: TenantPlaces
    /// Of tenants without a rate of their own.
    let standardRate: Int

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let tenant = context.caller?.tenant else { throw Problem.invalidKey() }
        let rate = tenant.limits.apiRate ?? standardRate
        let admission = rates.admit(tenant.id, rate: rate)
        context.record.rateLimit = RateLimitFields(rate: rate, admission)
        guard admission.isAdmitted else {
            context.record.isOverRate = true
            if let refusals = admission.refusals {
                context.logger.info(
                    "requests refused: the tenant makes more than it may",
                    metadata: ["tenant": "\(tenant.name)", "api_rate": "\(rate)", "refused": "\(refusals)"]
                )
            }
            throw Problem(
                .rateLimited,
                "the tenant makes more than \(rate) requests a second (limits.api_rate); slow down and try again",
                retryAfter: admission.retryAfter
            )
        }
        return try await places.with(tenant.id) { try await next(request, context) }
    }
}
