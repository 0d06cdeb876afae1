/// The parts of the two OpenAPI documents, embedded in the executable. README.md says how they are written.
public enum Fragments {
    /// One file: its name, and its text.
    public struct File: Sendable {
        public let name: String
        public let yaml: [UInt8]
    }

    private static let common = [
        File(name: "common", yaml: PackageResources.common_yaml),
        File(name: "problems", yaml: PackageResources.problems_yaml),
        File(name: "objects", yaml: PackageResources.objects_yaml),
    ]

    /// Of the public listener's, in the order of its pages.
    public static let tenant =
        common + [
            File(name: "tenant", yaml: PackageResources.tenant_yaml),
            File(name: "sending", yaml: PackageResources.sending_yaml),
            File(name: "messages", yaml: PackageResources.messages_yaml),
            File(name: "lists", yaml: PackageResources.lists_yaml),
            File(name: "events", yaml: PackageResources.events_yaml),
            File(name: "webhooks", yaml: PackageResources.webhooks_yaml),
            File(name: "payloads", yaml: PackageResources.payloads_yaml),
            File(name: "suppressions", yaml: PackageResources.suppressions_yaml),
            File(name: "erasures", yaml: PackageResources.erasures_yaml),
            File(name: "templates", yaml: PackageResources.templates_yaml),
            File(name: "reputation", yaml: PackageResources.reputation_yaml),
            File(name: "keys", yaml: PackageResources.keys_yaml),
            File(name: "domains", yaml: PackageResources.domains_yaml),
            File(name: "feedback", yaml: PackageResources.feedback_yaml),
            File(name: "health", yaml: PackageResources.health_yaml),
        ]

    /// Of the operator listener's.
    public static let admin =
        common + [
            File(name: "admin", yaml: PackageResources.admin_yaml),
            File(name: "admin_accounts", yaml: PackageResources.admin_accounts_yaml),
            File(name: "admin_tenants", yaml: PackageResources.admin_tenants_yaml),
            File(name: "admin_keys", yaml: PackageResources.admin_keys_yaml),
            File(name: "admin_domains", yaml: PackageResources.admin_domains_yaml),
            File(name: "admin_privacy", yaml: PackageResources.admin_privacy_yaml),
            File(name: "admin_cluster", yaml: PackageResources.admin_cluster_yaml),
            File(name: "admin_reputation", yaml: PackageResources.admin_reputation_yaml),
            File(name: "admin_audit", yaml: PackageResources.admin_audit_yaml),
            File(name: "admin_trouble", yaml: PackageResources.admin_trouble_yaml),
            File(name: "admin_feedback", yaml: PackageResources.admin_feedback_yaml),
            File(name: "health", yaml: PackageResources.health_yaml),
            File(name: "metrics", yaml: PackageResources.metrics_yaml),
        ]

    /// What makes the pages look as they do.
    public static let stylesheet = PackageResources.documentation_css
}
