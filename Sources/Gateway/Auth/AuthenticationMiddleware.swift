import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging

/// Demands a tenant's key and notes whose it is.
struct AuthenticationMiddleware: RouterMiddleware {
    let directory: any DirectorySource

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let snapshot = directory.current else { throw Problem.databaseUnavailable() }
        guard let key = BearerKey.find(in: request.headers), let record = snapshot.owner(of: key) else {
            throw Problem.invalidKey()
        }
        guard case .tenant(let id) = record.owner else {
            throw Problem(.missingScope, "this is an admin's key; a tenant's is needed here")
        }
        guard let tenant = snapshot.tenants[id] else { throw Problem.invalidKey() }
        var context = context
        context.caller = TenantCaller(
            tenant: tenant,
            directory: snapshot,
            actor: "key:\(record.id.uuidString.lowercased())"
        )
        context.record.tenant = tenant.name
        context.logger[metadataKey: "tenant"] = "\(tenant.name)"
        return try await next(request, context)
    }
}
