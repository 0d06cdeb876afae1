/// The migrations of `sql/`, in order, embedded in the executable.
public enum Schema {
    /// One file: its name without `.sql`, and its text.
    public struct File: Sendable {
        public let name: String
        public let sql: [UInt8]
        /// The last migration that a program must know to work with a database that has had this one; nil: this one. README.md
        /// says what such a migration may do.
        public let worksFrom: String?

        init(name: String, sql: [UInt8], worksFrom: String? = nil) {
            self.name = name
            self.sql = sql
            self.worksFrom = worksFrom
        }
    }

    // Embedding turns the leading digit of a file name into an underscore.
    public static let files: [File] = [
        File(name: "0001_directory", sql: PackageResources._001_directory_sql),
        File(name: "0002_cluster", sql: PackageResources._002_cluster_sql),
        File(name: "0003_outbox", sql: PackageResources._003_outbox_sql),
        File(name: "0004_credits", sql: PackageResources._004_credits_sql),
        File(name: "0005_removal", sql: PackageResources._005_removal_sql),
        File(name: "0006_events", sql: PackageResources._006_events_sql),
        File(name: "0007_feedback", sql: PackageResources._007_feedback_sql),
        File(name: "0008_webhooks", sql: PackageResources._008_webhooks_sql),
        File(name: "0009_idempotency", sql: PackageResources._009_idempotency_sql),
        File(name: "0010_templates", sql: PackageResources._010_templates_sql),
        File(name: "0011_storage", sql: PackageResources._011_storage_sql),
        File(name: "0012_timeline", sql: PackageResources._012_timeline_sql),
        File(name: "0013_analyze", sql: PackageResources._013_analyze_sql),
        File(name: "0014_keys", sql: PackageResources._014_keys_sql),
        File(name: "0015_limits", sql: PackageResources._015_limits_sql),
        File(name: "0016_lists", sql: PackageResources._016_lists_sql),
        File(name: "0017_audit", sql: PackageResources._017_audit_sql),
        File(name: "0018_reputation", sql: PackageResources._018_reputation_sql),
        File(name: "0019_identities", sql: PackageResources._019_identities_sql),
        File(name: "0020_privacy", sql: PackageResources._020_privacy_sql),
        File(name: "0021_walls", sql: PackageResources._021_walls_sql),
        File(name: "0022_dashboard", sql: PackageResources._022_dashboard_sql),
        File(name: "0023_reports", sql: PackageResources._023_reports_sql),
        File(name: "0024_traces", sql: PackageResources._024_traces_sql),
    ]
}
