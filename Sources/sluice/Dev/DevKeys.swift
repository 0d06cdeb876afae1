import Directory
import Postgres

/// Makes the keys that `sluice dev` shows, once: later starts find them again.
struct DevKeys {
    let folder: DevFolder
    let pool: PostgresPool

    /// A key for each tenant and one for the admin.
    func all() async throws -> [String: String] {
        let directory = try await DirectoryLoader.load(pool)
        let store = KeyStore(pool: pool)
        var keys = folder.keys().filter { directory.owner(of: $0.value) != nil }
        for tenant in directory.tenants.values.sorted(by: { $0.name < $1.name }) where keys[tenant.name] == nil {
            keys[tenant.name] = try await store.create(tenant: tenant.name, label: "dev", actor: "dev").key
        }
        if keys["admin"] == nil { keys["admin"] = try await store.createAdmin(label: "dev", actor: "dev").key }
        try folder.keep(keys)
        return keys
    }
}
