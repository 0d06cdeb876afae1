import Hummingbird

/// All of `/admin`, behind an admin's key.
struct AdminRoutes: Sendable {
    let services: AdminServices
    let configuration: GatewayConfiguration
    /// Of those who are signed in at the dashboard; nil: there is none.
    var gate: SessionGate?

    func add(to router: Router<GatewayContext>) {
        let group = router.group("admin")
            .add(
                middleware: AdminAuthenticationMiddleware(
                    directory: services.directory,
                    uses: services.keys.uses,
                    gate: gate
                )
            )
            .group(context: AdminContext.self)
        let bodies = AdminBodyReader(configuration)
        AccountRoutes(services: services, bodies: bodies).add(to: group)
        ShareRoutes(services: services, bodies: bodies).add(to: group)
        ClusterRoutes(services: services).add(to: group)
        TenantRoutes(services: services, bodies: bodies).add(to: group)
        TenantKeyRoutes(
            services: services,
            requests: KeyRequests(services: services.keys, bodies: BodyReader(configuration))
        ).add(to: group)
        FeedbackAdminRoutes(services: services).add(to: group)
        UsageAdminRoutes(services: services).add(to: group)
        ReportAdminRoutes(services: services).add(to: group)
        DomainAdminRoutes(services: services, bodies: bodies).add(to: group)
        ReputationAdminRoutes(services: services, bodies: bodies).add(to: group)
        if let trouble = services.trouble {
            TroubleRoutes(services: services, trouble: trouble, bodies: bodies).add(to: group)
            WebhookAdminRoutes(services: services, trouble: trouble, bodies: bodies).add(to: group)
        }
        if let privacy = services.privacy {
            PrivacyAdminRoutes(services: services, privacy: privacy, bodies: bodies).add(to: group)
        }
    }
}
