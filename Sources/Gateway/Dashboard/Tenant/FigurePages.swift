import Dashboard
import Directory
import FoundationEssentials
import Hummingbird
import Identities
import Mail
import Outbox

/// A tenant's overview, usage, weekly reports and domains.
struct FigurePages: Sendable {
    private static let weeks = 6

    let services: TenantServices

    func add(to pages: RouterGroup<PageContext>) {
        pages.get { _, context in try await overview(context) }
        pages.get("usage") { request, context in try await usage(request, context) }
        pages.get("reports") { _, context in try await reports(context) }
        pages.get("reports/:week") { _, context in try await report(context) }
        pages.get("domains") { _, context in try await domains(context) }
    }

    private func overview(_ context: PageContext) async throws -> Response {
        let caller = try context.tenantCaller()
        let now = Date()
        var figures: TenantOverviewPage.Figures?
        if caller.grant.scopes.contains(.read) { figures = try await self.figures(caller, now) }
        return try context.tenantPage(TenantOverviewPage(tenant: caller.tenant, figures: figures, now: now).page)
    }

    private func figures(_ caller: TenantCaller, _ now: Date) async throws -> TenantOverviewPage.Figures {
        let tenant = caller.tenant
        let today = String(RFC3339.text(now).prefix(10))
        let usage = try await services.usage.usage(tenantID: tenant.id, from: today, to: today)
        let lanes = caller.directory.lanes.values.filter { $0.tenantID == tenant.id && !$0.isRetired }.map(\.id)
            .sorted()
        let rates = try await services.usage.rates(tenantID: tenant.id, lanes: lanes)
        let depths = try await services.usage.depths(tenantID: tenant.id, lanes: lanes)
        var lines: [TenantOverviewPage.LaneLine] = []
        for (region, route) in tenant.routes.sorted(by: { $0.key < $1.key }) {
            for (stream, lane) in route.lanes.sorted(by: { $0.key > $1.key }) {
                lines.append(
                    TenantOverviewPage.LaneLine(
                        region: region,
                        stream: stream,
                        rate: rates.first { $0.laneID == lane },
                        depth: depths.first { $0.laneID == lane }
                    )
                )
            }
        }
        return TenantOverviewPage.Figures(
            today: usage.days.reduce(into: WeeklyReport.Counts()) { $0 += $1.counts },
            countedUntil: usage.countedUntil,
            lanes: lines,
            standings: try await services.standings.standings(tenantID: tenant.id),
            senders: try await senders(caller, limit: 10).views,
            lastWeek: try await services.reports.report(tenantID: tenant.id, week: .last(before: now))
        )
    }

    private func usage(_ request: Request, _ context: PageContext) async throws -> Response {
        let query = try UsageQuery(request, now: Date())
        return try await context.tenantPage(.read, "Usage", section: "/dashboard/usage") { caller in
            let usage = try await services.usage.usage(tenantID: caller.tenant.id, from: query.first, to: query.last)
            return TenantUsagePage(usage: usage, first: query.first, last: query.last).page
        }
    }

    private func reports(_ context: PageContext) async throws -> Response {
        try await context.tenantPage(.read, "Reports", section: "/dashboard/reports") { caller in
            let last = ReportWeek.last(before: Date())
            var reports: [WeeklyReport] = []
            for back in (-1..<Self.weeks) {
                reports.append(try await services.reports.report(tenantID: caller.tenant.id, week: last.moved(-back)))
            }
            return ReportsPage(
                reports: reports,
                settings: caller.tenant.report?.to.joined(separator: ", "),
                path: "/dashboard/reports"
            ).page
        }
    }

    private func report(_ context: PageContext) async throws -> Response {
        let now = Date()
        let week = try ReportWeek(path: context.parameters.get("week"), now: now)
        return try await context.tenantPage(.read, "Report", section: "/dashboard/reports") { caller in
            ReportPage(
                try await services.reports.report(tenantID: caller.tenant.id, week: week),
                tenant: caller.tenant.displayName ?? caller.tenant.name,
                section: "/dashboard/reports",
                path: "/dashboard/reports",
                last: .last(before: now)
            ).page
        }
    }

    private func domains(_ context: PageContext) async throws -> Response {
        try await context.tenantPage(.read, "Domains", section: "/dashboard/domains") { caller in
            let senders = try await senders(caller, limit: 50)
            return TenantDomainsPage(
                senders: senders.views,
                hasMore: senders.hasMore,
                canVerify: caller.grant.scopes.contains(.read),
                now: Date()
            ).page
        }
    }

    private func senders(_ caller: TenantCaller, limit: Int) async throws -> (views: [SenderView], hasMore: Bool) {
        let names = caller.tenant.fromDomains.compactMap { try? SenderName(parsing: $0) }.sorted()
        let shown = names.prefix(limit)
        let rows = try await services.domains.identities(of: shown.map(\.text), tenantID: caller.tenant.ownerID)
        let views = shown.map { SenderView($0, tenant: caller.tenant, directory: caller.directory, rows: rows) }
        return (views, names.count > limit)
    }
}

extension UsageDay {
    fileprivate var counts: WeeklyReport.Counts {
        .init(accepted: accepted, sent: sent, delivered: delivered, bounced: bounced, complained: complained)
    }
}
