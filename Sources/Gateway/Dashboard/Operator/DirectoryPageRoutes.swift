import Dashboard
import Directory
import FoundationEssentials
import Hummingbird

/// `/dashboard/tenants`, `/dashboard/audit` and `/dashboard/nodes` of the operator.
struct DirectoryPageRoutes: Sendable {
    private static let onePart = 50

    let services: AdminServices
    let live: LiveDesk

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("tenants") { request, context in try await tenants(request, context) }
        pages.get("audit") { request, context in try await audit(request, context) }
        pages.get("nodes") { _, context in context.operatorPage(try await nodes().page) }
        pages.get("live/nodes") { _, context in
            try context.news(live, of: "nodes") { try await nodes().parts }
        }
    }

    private func nodes() async throws -> NodesPage {
        NodesPage(nodes: try await services.cluster.nodes(), now: Date())
    }

    private func tenants(_ request: Request, _ context: PageContext) async throws -> Response {
        let query = try RequestQuery(request, allowing: ["search", "part"], isForm: true)
        let search = query["search"]?.lowercased()
        let found = try await services.latestDirectory().tenants.values.filter { tenant in
            guard let search else { return true }
            return ([tenant.name, tenant.displayName ?? ""] + tenant.fromDomains).contains {
                $0.lowercased().contains(search)
            }
        }.sorted { $0.name < $1.name }
        let cut = ListPart(found, part: try query.number("part", in: 1...1_000_000, standard: 1), of: Self.onePart)
        return context.operatorPage(
            TenantsPage(
                tenants: cut.items,
                search: query["search"],
                total: found.count,
                part: cut.part,
                parts: cut.parts
            ).page
        )
    }

    private func audit(_ request: Request, _ context: PageContext) async throws -> Response {
        let query = try PageQuery<Int64>(request, filters: AuditFilter.names, isForm: true)
        let found = try await services.audit.entries(
            try AuditFilter(query.filters),
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        let (page, edges) = query.edges(of: found) { String($0.id) }
        let asked = AuditFilter.names.compactMap { name in query.filters[name].map { (name: name, value: $0) } }
        return context.operatorPage(
            AuditPage(entries: page, query: asked, older: edges.older, newer: edges.newer).page
        )
    }
}

/// One of the numbered parts of a list that is in memory.
struct ListPart<Item> {
    let items: [Item]
    let part: Int
    let parts: Int

    /// - Parameter part: from 1 on; the last one for a number that is too high.
    init(_ all: [Item], part: Int, of size: Int) {
        parts = max(1, (all.count + size - 1) / size)
        self.part = min(part, parts)
        items = Array(all.dropFirst((self.part - 1) * size).prefix(size))
    }
}
