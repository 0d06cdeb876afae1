import Directory
import HTTPTypes
import Hummingbird
import Logging

/// Demands a tenant's key and notes whose it is (RFC 6750, section 2.1).
struct AuthenticationMiddleware: RouterMiddleware {
    /// Longer than any key, and short enough to be hashed for nothing.
    private static let maximumLength = 256

    let directory: any DirectorySource

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let snapshot = directory.current else { throw Problem.databaseUnavailable() }
        guard let key = Self.key(in: request.headers), let record = snapshot.owner(of: key) else {
            throw Problem.invalidKey()
        }
        guard case .tenant(let id) = record.owner else {
            throw Problem(.missingScope, "this is an admin's key; a tenant's is needed here")
        }
        guard let tenant = snapshot.tenants[id] else { throw Problem.invalidKey() }
        var context = context
        context.caller = TenantCaller(tenant: tenant, directory: snapshot)
        context.record.tenant = tenant.name
        context.logger[metadataKey: "tenant"] = "\(tenant.name)"
        return try await next(request, context)
    }

    private static func key(in headers: HTTPFields) -> String? {
        guard let value = headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let key = parts[1].drop { $0 == " " }
        guard (1...maximumLength).contains(key.utf8.count) else { return nil }
        return String(key)
    }
}
