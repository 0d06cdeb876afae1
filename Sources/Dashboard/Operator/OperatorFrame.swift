/// The frame of the operator's pages.
public enum OperatorFrame {
    public static func frame(holder: String, csrfToken: String) -> DashboardFrame {
        DashboardFrame(
            product: "Operator",
            holder: holder,
            links: [
                .init("/dashboard", "Overview"),
                .init("/dashboard/queue", "Queue"),
                .init("/dashboard/messages", "Messages"),
                .init("/dashboard/webhooks", "Webhooks"),
                .init("/dashboard/reputation", "Reputation"),
                .init("/dashboard/feedback", "Feedback"),
                .init("/dashboard/tenants", "Tenants"),
                .init("/dashboard/nodes", "Nodes"),
                .init("/dashboard/audit", "Audit"),
            ],
            csrfToken: csrfToken
        )
    }
}
