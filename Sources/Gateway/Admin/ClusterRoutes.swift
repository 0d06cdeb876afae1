import Directory
import FoundationEssentials
import Hummingbird
import Outbox

/// What happens and what happened: `/admin/accounts/{name}/loans`, `/admin/nodes`, `/admin/queue`, `/admin/audit`,
/// `/admin/storage`.
struct ClusterRoutes: Sendable {
    let services: AdminServices

    func add(to group: RouterGroup<AdminContext>) {
        group.get("accounts/:name/loans") { request, context in try await loans(request, context) }
        group.get("nodes") { request, _ in try await nodes(request) }
        group.get("queue") { request, _ in try await queue(request) }
        group.get("storage") { request, _ in try await storage(request) }
        group.get("audit") { request, _ in try await audit(request) }
    }

    private func loans(_ request: Request, _ context: AdminContext) async throws -> Response {
        let query = try PageQuery<Int64>(request)
        let loans = try await services.cluster.loans(
            accountID: try await services.account(context.name).id,
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        return Response(query.page(reading: loans).json(\.json))
    }

    private func nodes(_ request: Request) async throws -> Response {
        let query = try PageQuery<String>(request)
        let nodes = try await services.cluster.nodes().sorted { $0.id < $1.id }
        return Response(query.page(of: nodes, by: \.id).json(\.json))
    }

    private func queue(_ request: Request) async throws -> Response {
        let query = try PageQuery<Int32>(request)
        let directory = try await services.latestDirectory()
        let page = query.page(of: try await services.queue.depths(), by: \.laneID)
        let now = Date()
        return Response(page.json { $0.json(lane: directory.lanes[$0.laneID], now: now) })
    }

    /// All of it: there are a few findings at most.
    private func storage(_ request: Request) async throws -> Response {
        _ = try RequestQuery(request)
        let findings = try await services.storage.findings()
        return Response(.object([("data", .array(findings.map(\.json))), ("has_more", .bool(false))]))
    }

    private func audit(_ request: Request) async throws -> Response {
        let query = try PageQuery<Int64>(request, filters: AuditFilter.names)
        let entries = try await services.audit.entries(
            try AuditFilter(query.filters),
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        return Response(query.page(reading: entries).json(\.json))
    }
}
