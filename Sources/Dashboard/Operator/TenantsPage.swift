public import Directory

/// The tenants as configured, and pausing them.
public struct TenantsPage: Sendable {
    let tenants: [Tenant]
    let search: String?
    let total: Int
    /// The part that is shown, from 1 on, and how many there are.
    let part: Int
    let parts: Int

    public init(tenants: [Tenant], search: String?, total: Int, part: Int, parts: Int) {
        self.tenants = tenants
        self.search = search
        self.total = total
        self.part = part
        self.parts = parts
    }

    public var page: DashboardPage {
        DashboardPage(
            title: "Tenants",
            section: "/dashboard/tenants",
            body: """
                <h1>Tenants</h1>
                <form class="filters" role="search" action="/dashboard/tenants">
                \(Fields.text("search", "Name or sender contains", search))<button>Show</button></form>
                <section class="card" aria-labelledby="tenants-title">
                <div class="head"><h2 id="tenants-title">\(Words.count(total, "tenant", "tenants"))</h2></div>
                \(list)\(PartLinks(path: "/dashboard/tenants", query: [("search", search ?? "")], part: part, parts: parts).html)</section>
                """
        )
    }

    private var list: HTML {
        guard !tenants.isEmpty else {
            return
                "<p class=\"empty\">None. <code>sluice apply FILE</code> or <code>PUT /admin/tenants/NAME</code> makes one.</p>"
        }
        let rows = tenants.map { tenant -> [HTML] in
            let routes = tenant.routes.sorted { $0.key < $1.key }.map { "\($0.key) -> \($0.value.path)" }.joined(
                separator: ", "
            )
            let isPaused = tenant.status == .paused
            let path = Words.segment(tenant.name)
            return [
                "\(tenant.name) <a href=\"/dashboard/tenants/\(path)/reports/last\">report</a><br><span class=\"soft\">\(tenant.displayName ?? "")</span>",
                isPaused ? Badge.html("paused", .warn) : Badge.html("active", .good),
                "\(tenant.fromDomains.joined(separator: ", "))", "\(routes)",
                "\(Self.limits(tenant.limits))",
                """
                <form data-api="PUT /admin/tenants/\(path)" data-patch="\(isPaused ? "{\"status\":\"active\"}" : "{\"status\":\"paused\"}")" \
                data-then="reload" data-done="\(isPaused ? "Resumed" : "Paused") \(tenant.name)."\
                \(isPaused ? nil : " data-confirm=\"Pause \(tenant.name)? Its new mail is refused; what is queued is sent.\"" as HTML?)>\
                <button class="small quiet">\(isPaused ? "Resume" : "Pause")<span class="unseen"> \(tenant.name)</span></button></form>
                """,
            ]
        }
        return Table(
            "Tenants",
            [.text("Tenant"), .text("State"), .text("Senders"), .text("Regions"), .text("Limits"), .text("Do")],
            rows: rows
        ).html
    }

    private static func limits(_ limits: TenantLimits) -> String {
        let parts = [
            limits.apiRate.map { "\(Words.number($0)) requests/s" }, limits.queued.map { "\(Words.number($0)) queued" },
            limits.daily.map { "\(Words.number($0)) a day" },
        ].compactMap(\.self)
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }
}
