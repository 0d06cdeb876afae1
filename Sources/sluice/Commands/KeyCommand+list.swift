import ArgumentParser
import Directory
import Foundation

extension KeyCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List keys that are not revoked: of a tenant, or everybody's with the admins'."
        )

        @OptionGroup var options: DatabaseOptions

        @Option(name: .long, help: "Only this tenant's.")
        var tenant: String?

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        private struct Line: Encodable {
            let id: String
            let tenant: String?
            let name: String
            let prefix: String
            let test: Bool
            let scopes: [String]
            let domains: [String]?
            let regions: [String]?
            let allowed_ips: [String]?
            let created_at: Date
            let expires_at: Date?
            let last_used_at: Date?
            let old_key_until: Date?

            init(_ key: KeyInfo) {
                id = key.id.uuidString.lowercased()
                tenant = key.tenant
                name = key.name
                prefix = key.hint
                test = key.grant.isTest
                scopes = key.grant.scopeNames
                domains = key.grant.domains
                regions = key.grant.regions
                allowed_ips = key.grant.allowedIPs
                created_at = key.createdAt
                expires_at = key.grant.expiresAt
                last_used_at = key.lastUsedAt
                old_key_until = key.oldKeyUntil
            }
        }

        func run() async throws {
            let lines = try await DatabaseAccess.withPool(options) { pool in
                var holder = KeyHolder.anybody
                if let tenant { holder = .tenant(try await TenantChoice.find(tenant, pool).id, onlyTest: false) }
                let store = KeyStore(pool: pool)
                var keys: [KeyInfo] = []
                while true {
                    let page = try await store.keys(of: holder, limit: 500, after: keys.last?.id)
                    keys += page
                    if page.count < 500 { return keys.map(Line.init) }
                }
            }
            if json { return try Output.json(lines) }
            Output.table(
                ["ID", "TENANT", "NAME", "KEY", "SCOPES", "LAST USED", "EXPIRES"],
                lines.map { line in
                    [
                        line.id, line.tenant ?? "(admin)", line.name, line.prefix + "...",
                        line.scopes.count == KeyScope.allCases.count ? "all" : line.scopes.joined(separator: ","),
                        line.last_used_at?.formatted(.iso8601) ?? "never",
                        line.expires_at?.formatted(.iso8601) ?? "never",
                    ]
                }
            )
        }
    }
}
