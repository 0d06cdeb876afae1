import Dashboard
import Directory
import FoundationEssentials
import Hummingbird
import Outbox

/// `/dashboard/tenants/{name}/reports/{week}` of the operator: a tenant's weekly report as the tenant sees it.
struct ReportPageRoutes: Sendable {
    let services: AdminServices

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("tenants/:name/reports/:week") { _, context in
            let now = Date()
            let week = try ReportWeek(path: context.parameters.get("week"), now: now)
            let tenant = try await services.tenant(context.name)
            return context.operatorPage(
                ReportPage(
                    try await services.reports.report(tenantID: tenant.id, week: week),
                    tenant: tenant.displayName ?? tenant.name,
                    section: "/dashboard/tenants",
                    path: "/dashboard/tenants/\(Words.segment(tenant.name))/reports",
                    last: .last(before: now)
                ).page
            )
        }
    }
}
