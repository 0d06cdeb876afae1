import Directory
import Foundation
import Postgres

/// Makes the keys that `sluice dev` shows, once: later starts find them again.
struct DevKeys {
    let folder: DevFolder
    let pool: PostgresPool

    /// A key for each tenant and one for the admin.
    func all() async throws -> [String: String] {
        let directory = try await DirectoryLoader.load(pool)
        let store = KeyStore(pool: pool)
        var wanted = KeyChange()
        wanted.name = "dev"
        var keys = folder.keys().filter { isValid($0.value, directory) }
        for tenant in directory.tenants.values.sorted(by: { $0.name < $1.name }) where keys[tenant.name] == nil {
            keys[tenant.name] = try await store.create(tenant: tenant.name, wanted, actor: "dev").key
        }
        if keys["admin"] == nil { keys["admin"] = try await store.createAdmin(label: "dev", actor: "dev").key }
        try folder.keep(keys)
        return keys
    }

    private func isValid(_ key: String, _ directory: DirectorySnapshot) -> Bool {
        if case .valid = directory.find(key: key, at: Date()) { true } else { false }
    }
}
