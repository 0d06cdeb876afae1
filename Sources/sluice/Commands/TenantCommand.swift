import ArgumentParser
import Directory
import Foundation

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Show tenants, and export one.",
        subcommands: [List.self, Export.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tenants and where their mail goes.")

        @OptionGroup var options: DatabaseOptions

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        private struct Line: Encodable {
            let name: String
            let status: String
            let from_domains: [String]
            let default_region: String
            let regions: [String: String]
        }

        func run() async throws {
            let tenants = try await DatabaseAccess.withPool(options) { try await DirectoryLoader.load($0) }.tenants
                .values
                .sorted { $0.name < $1.name }
                .map { tenant in
                    Line(
                        name: tenant.name,
                        status: tenant.status.rawValue,
                        from_domains: tenant.fromDomains,
                        default_region: tenant.defaultRegion,
                        regions: tenant.routes.mapValues(\.path)
                    )
                }
            if json { return try Output.json(tenants) }
            Output.table(
                ["TENANT", "STATUS", "FROM", "REGIONS"],
                tenants.map { tenant in
                    [
                        tenant.name, tenant.status, tenant.from_domains.joined(separator: " "),
                        tenant.regions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
                            separator: " "
                        ),
                    ]
                }
            )
        }
    }
}
