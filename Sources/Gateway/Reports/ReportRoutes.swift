import Directory
import FoundationEssentials
import Hummingbird
import Outbox

/// `GET /reports/{week}`: what the weekly report by mail says.
struct ReportRoutes: Sendable {
    let reports: any ReportReading

    func add(to group: RouterGroup<TenantContext>) {
        group.get("reports/:week") { request, context in
            _ = try RequestQuery(request)
            let week = try ReportWeek(path: context.parameters.get("week"), now: Date())
            return Response(try await reports.report(tenantID: context.tenant.id, week: week).json)
        }
    }
}

/// `GET /admin/tenants/{name}/reports/{week}`: the same, for an admin.
struct ReportAdminRoutes: Sendable {
    let services: AdminServices

    func add(to group: RouterGroup<AdminContext>) {
        group.get("tenants/:name/reports/:week") { request, context in
            _ = try RequestQuery(request)
            let week = try ReportWeek(path: context.parameters.get("week"), now: Date())
            let tenant = try await services.tenant(context.name)
            return Response(try await services.reports.report(tenantID: tenant.id, week: week).json)
        }
    }
}

extension ReportWeek {
    /// `last` is the last one that is over.
    init(path text: String?, now: Date) throws(Problem) {
        if text == "last" {
            self = .last(before: now)
        } else if let week = text.flatMap({ ReportWeek($0) }) {
            self = week
        } else {
            throw Problem.notFound("a week is named like 2026-W47, or 'last'")
        }
    }
}
