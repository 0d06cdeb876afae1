/// The frame of a tenant's pages.
public enum TenantFrame {
    public static func frame(tenant: String, isTest: Bool, csrfToken: String) -> DashboardFrame {
        DashboardFrame(
            product: isTest ? "Test" : "Tenant",
            holder: tenant,
            links: [
                .init("/dashboard", "Overview"), .init("/dashboard/messages", "Messages"),
                .init("/dashboard/recipients", "Not delivered"), .init("/dashboard/events", "Events"),
                .init("/dashboard/reports", "Reports"), .init("/dashboard/usage", "Usage"),
                .init("/dashboard/webhooks", "Webhooks"), .init("/dashboard/suppressions", "Suppressions"),
                .init("/dashboard/templates", "Templates"), .init("/dashboard/domains", "Domains"),
                .init("/dashboard/keys", "Keys"),
            ],
            csrfToken: csrfToken
        )
    }
}
