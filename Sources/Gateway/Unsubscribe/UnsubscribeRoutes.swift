import Directory
import Hummingbird

/// `/u/{token}`: the links in bulk mail's headers (RFC 8058). A POST unsubscribes, with neither key nor cookie; a GET only asks,
/// because scanners follow links.
struct UnsubscribeRoutes: Sendable {
    /// `List-Unsubscribe=One-Click`, as a form or in parts, and some room.
    private static let maximumBytes = 8 << 10

    private let services: UnsubscribeServices
    private let bodies: BodyReader

    init(services: UnsubscribeServices, configuration: GatewayConfiguration) {
        self.services = services
        bodies = BodyReader(configuration, maximumBytes: Self.maximumBytes)
    }

    func add(to group: RouterGroup<GatewayContext>) {
        group.get("u/:token") { _, context in try ask(context) }
        group.post("u/:token") { request, context in try await unsubscribe(request, context) }
    }

    private func ask(_ context: GatewayContext) throws -> Response {
        guard let (_, tenant) = try read(context) else { return UnsubscribePage.unknown.response }
        return UnsubscribePage.question(sender: tenant.displayName ?? tenant.name).response
    }

    /// Whatever the body says: nobody posts here for anything else.
    private func unsubscribe(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await bodies.withBytes(request, record: context.record) { _ in }
        guard let (unsubscription, tenant) = try read(context) else { return UnsubscribePage.unknown.response }
        _ = try await services.store.unsubscribe(
            unsubscription.email,
            from: unsubscription.copy,
            tenantID: unsubscription.tenantID
        )
        context.record.tenant = tenant.name
        return UnsubscribePage.done(sender: tenant.displayName ?? tenant.name).response
    }

    /// Nil for a token that nobody here has made, and for one of a tenant that is gone.
    private func read(_ context: GatewayContext) throws -> (Unsubscription, Tenant)? {
        guard let directory = services.directory.current, let key = directory.unsubscribeKey else {
            throw Problem.databaseUnavailable()
        }
        guard let token = context.parameters.get("token"), let unsubscription = key.unsubscription(of: token),
            let tenant = directory.tenants[unsubscription.tenantID]
        else { return nil }
        return (unsubscription, tenant)
    }
}
