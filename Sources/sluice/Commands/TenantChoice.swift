import Directory
import Postgres

/// Which tenant a command is about.
enum TenantChoice {
    /// The tenant with this name.
    /// - Throws: `CommandFailure` for an unknown one.
    static func find(_ name: String, _ pool: PostgresPool) async throws -> Tenant {
        guard let tenant = try await DirectoryLoader.load(pool).tenant(named: name) else {
            throw CommandFailure("there is no tenant '\(name)'; see `sluice tenant`")
        }
        return tenant
    }
}
