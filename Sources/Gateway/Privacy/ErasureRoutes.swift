import Directory
import HTTPTypes
import Hummingbird

/// `/erasures`: addresses of which nothing is to be left.
struct ErasureRoutes: Sendable {
    let store: any AddressErasing
    let bodies: BodyReader

    func add(to group: RouterGroup<TenantContext>) {
        let erasures = group.group("erasures")
        erasures.post { request, context in try await start(request, context) }
        erasures.get(":id") { request, context in try await get(request, context) }
    }

    private func start(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let wanted = try await bodies.decode(
            ErasureRequest.self,
            from: request,
            record: context.record,
            code: .invalidErasure
        )
        let erasure = try await store.start(wanted.email, tenantID: context.tenant.id, actor: context.actor)
        return Response(erasure.json, status: .accepted)
    }

    private func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        guard let id = context.parameters.get("id").flatMap({ ObjectID($0) }),
            let erasure = try await store.erasure(id.uuid, tenantID: context.tenant.id)
        else { throw Problem.notFound("the tenant has no such erasure") }
        return Response(erasure.json)
    }
}

extension Erasure {
    /// The report; it does not say which address it was.
    var json: JSONValue {
        .object([
            ("id", .string(id.text)),
            ("status", .string(endedAt == nil ? "running" : "done")),
            ("pseudonym", .string(pseudonym)),
            (
                "erased",
                .object([
                    ("recipients", .number(recipients)), ("events", .number(events)), ("bodies", .number(bodies)),
                    ("suppressions", .number(suppressions)),
                ])
            ),
            ("canceled", .number(canceled)),
            ("created_at", .time(createdAt)),
            ("ended_at", .time(endedAt)),
        ])
    }
}
