import Dashboard
import Directory
import HTTPTypes
import Hummingbird

extension PageContext {
    /// Whose session it is, narrowed to what its key may do.
    func tenantCaller() throws -> TenantCaller {
        guard let caller else { throw Problem.sessionEnded() }
        return caller
    }

    /// A page in the tenant's frame.
    func tenantPage(_ page: DashboardPage) throws -> Response {
        let tenant = try tenantCaller().tenant
        let frame = TenantFrame.frame(
            tenant: tenant.displayName ?? tenant.name,
            isTest: tenant.isTest,
            csrfToken: session.csrfToken
        )
        return Response(page: frame.page(page))
    }

    /// The same for keys with a scope; for others a page that says what is missing.
    func tenantPage(
        _ scope: KeyScope,
        _ title: String,
        section: String,
        _ make: (TenantCaller) async throws -> DashboardPage
    ) async throws -> Response {
        let caller = try tenantCaller()
        guard caller.grant.scopes.contains(scope) else {
            var response = try tenantPage(MissingScopePage(title: title, scope: scope, section: section).page)
            response.status = .forbidden
            return response
        }
        return try tenantPage(try await make(caller))
    }

    /// - Throws: problem `missing_scope`.
    func require(_ scope: KeyScope) throws {
        guard try tenantCaller().grant.scopes.contains(scope) else {
            throw Problem(.missingScope, "the key does not have the scope '\(scope.rawValue)'")
        }
    }
}
