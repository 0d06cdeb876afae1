import Dashboard
import Directory
import FoundationEssentials
import Hummingbird
import Outbox

/// A tenant's events as they happen.
struct LiveEventPages: Sendable {
    let services: TenantServices
    let live: LiveDesk

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("events") { _, context in
            try await context.tenantPage(.read, "Events", section: "/dashboard/events") { caller in
                try await newest(caller.tenant.id).page
            }
        }
        pages.get("live/events") { _, context in try news(context) }
    }

    private func news(_ context: PageContext) throws -> Response {
        try context.require(.read)
        let tenantID = try context.tenantCaller().tenant.id
        let stream = try live.news(of: "events of \(tenantID)", for: context.session, tenant: tenantID) {
            try await newest(tenantID).parts
        }
        let (record, directory, hash) = (context.record, services.directory, context.session.keyHash)
        return .news(stream) {
            try record.recheck()
            guard case .valid(let key)? = directory.current?.find(hash: hash, at: Date()),
                key.grant.scopes.contains(.read)
            else { throw Problem.sessionEnded() }
        }
    }

    private func newest(_ tenantID: Int32) async throws -> TenantEventsPage {
        guard let head = try await services.feed.heads(of: [tenantID])[tenantID] else {
            return TenantEventsPage(entries: [])
        }
        let place = max(0, head.seq - Int64(TenantEventsPage.most))
        let position = try await services.feed.position(tenantID: tenantID, after: place)
        let page = try await services.feed.page(tenantID: tenantID, after: position, limit: TenantEventsPage.most)
        return TenantEventsPage(entries: page.entries)
    }
}
