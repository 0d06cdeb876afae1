import Directory
import HTTPTypes
import Hummingbird
import Mail

/// `/suppressions`: the addresses that the tenant's mail does not go to.
struct SuppressionRoutes: Sendable {
    let store: any SuppressionKeeping
    let bodies: BodyReader

    func add(to group: RouterGroup<TenantContext>) {
        let suppressions = group.group("suppressions")
        suppressions.get { request, context in try await list(request, context) }
        suppressions.post { request, context in try await add(request, context) }
        suppressions.delete { request, context in try await removeDomain(request, context) }
        suppressions.get(":email") { request, context in try await get(request, context) }
        suppressions.delete(":email") { request, context in try await remove(request, context) }
    }

    private func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try PageQuery<String>(request, filters: ["email", "domain", "reason"])
        let page = try await store.suppressions(
            tenantID: context.tenant.id,
            filter: try Self.filter(query.filters),
            limit: query.limit + 1,
            after: query.after?.lowercased(),
            before: query.before?.lowercased()
        )
        return Response(query.page(reading: page.suppressions, by: \.place, upTo: page.edge).json(\.json))
    }

    private func add(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let wanted = try await bodies.decode(
            SuppressionRequest.self,
            from: request,
            record: context.record,
            code: .invalidSuppression
        )
        let (suppression, isNew) = try await store.add(
            wanted.email,
            reason: wanted.reason,
            stream: wanted.stream,
            detail: wanted.detail,
            tenantID: context.tenant.id,
            actor: context.actor
        )
        return Response(suppression.json, status: isNew ? .created : .ok)
    }

    private func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        guard let email = Self.email(context),
            let suppression = try await store.suppression(of: email, tenantID: context.tenant.id)
        else { throw Self.notFound() }
        return Response(suppression.json)
    }

    private func remove(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        guard let email = Self.email(context),
            try await store.remove(email, tenantID: context.tenant.id, actor: context.actor)
        else { throw Self.notFound() }
        return Response(status: .noContent)
    }

    /// Without a domain it would empty the list, which nobody wants by mistake.
    private func removeDomain(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try RequestQuery(request, allowing: ["domain"])
        guard let text = query["domain"], !text.isEmpty else {
            throw Problem(
                .invalidQuery,
                "say whose addresses are to be removed: DELETE /suppressions?domain=example.com"
            )
        }
        let domain = try Self.domain(text)
        let removed = try await store.remove(domain: domain, tenantID: context.tenant.id, actor: context.actor)
        return Response(.object([("removed", .number(removed))]))
    }

    private static func filter(_ query: RequestQuery) throws -> SuppressionFilter {
        var filter = SuppressionFilter()
        if let prefix = query["email"] {
            guard prefix.utf8.count <= 254, prefix.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
                throw Problem(.invalidQuery, "email must be the beginning of an address, in ASCII")
            }
            filter.prefix = prefix.lowercased()
        }
        if let text = query["domain"] { filter.domain = try domain(text).ascii }
        if let text = query["reason"] {
            guard let reason = Suppression.Reason(rawValue: text) else {
                let names = Suppression.Reason.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.invalidQuery, "reason is '\(text)'; known are \(names)")
            }
            filter.reason = reason
        }
        return filter
    }

    private static func domain(_ text: String) throws -> DomainName {
        do throws(AddressError) {
            return try DomainName(parsing: text)
        } catch {
            throw Problem(.invalidQuery, "domain: \(error.message)")
        }
    }

    private static func email(_ context: TenantContext) -> EmailAddress? {
        context.parameters.get("email").flatMap(PathText.decode).flatMap { try? EmailAddress(parsing: $0) }
            .flatMap { $0.displayName == nil ? $0 : nil }
    }

    private static func notFound() -> Problem { .notFound("the tenant does not suppress this address") }
}

extension Suppression {
    fileprivate var json: JSONValue {
        .object([
            ("email", .string(email)),
            ("reason", .string(reason.rawValue)),
            ("stream", .string(stream?.rawValue)),
            ("detail", .string(detail)),
            ("message_id", .string(messageID)),
            ("created_at", .time(createdAt)),
        ])
    }
}
