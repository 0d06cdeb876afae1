import ArgumentParser
import Directory
import Foundation

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Show, make, change, pause, export and remove tenants.",
        subcommands: [List.self, Show.self, SetTenant.self, Pause.self, Resume.self, Export.self, Remove.self],
        defaultSubcommand: List.self
    )

    struct Line: Encodable {
        struct Limits: Encodable {
            let api_rate: Int?
            let queued: Int?
            let daily: Int?
        }

        let name: String
        let display_name: String?
        let status: String
        let from_domains: [String]
        let shared_domains: [String]
        let default_region: String
        let regions: [String: String]
        let limits: Limits
        let unknown_policy: String
        let one_click_unsubscribe: Bool
        let senders: [SenderRule]
        let report: ReportSettings?
        let version: Int64

        init(_ tenant: Tenant) {
            name = tenant.name
            display_name = tenant.displayName
            status = tenant.status.rawValue
            from_domains = tenant.fromDomains
            shared_domains = tenant.sharedDomains
            default_region = tenant.defaultRegion
            regions = tenant.routes.mapValues(\.path)
            limits = Limits(
                api_rate: tenant.limits.apiRate,
                queued: tenant.limits.queued,
                daily: tenant.limits.daily
            )
            unknown_policy = tenant.unknownPolicy.rawValue
            one_click_unsubscribe = tenant.oneClickUnsubscribe
            senders = tenant.rules.all
            report = tenant.report
            version = tenant.version
        }

        var routes: String { regions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tenants and where their mail goes.")

        @OptionGroup var options: DatabaseOptions

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws {
            let tenants = try await DatabaseAccess.withPool(options) { try await DirectoryLoader.load($0) }.tenants
                .values
                .sorted { $0.name < $1.name }
                .map(Line.init)
            if json { return try Output.json(tenants) }
            Output.table(
                ["TENANT", "STATUS", "FROM", "REGIONS"],
                tenants.map { [$0.name, $0.status, $0.from_domains.joined(separator: " "), $0.routes] }
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all that is configured of one tenant.")

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The tenant.")
        var name: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws {
            let line = Line(try await DatabaseAccess.withPool(options) { try await TenantChoice.find(name, $0) })
            if json { return try Output.json(line) }
            func words(_ limit: Int?) -> String { limit.map { "\($0)" } ?? "none" }
            Output.table(
                ["TENANT", line.name],
                [
                    ["display name", line.display_name ?? ""], ["status", line.status],
                    ["from", line.from_domains.joined(separator: " ")],
                    ["shared", line.shared_domains.joined(separator: " ")], ["default region", line.default_region],
                    ["regions", line.routes], ["api_rate", words(line.limits.api_rate)],
                    ["queued", words(line.limits.queued)], ["daily", words(line.limits.daily)],
                    ["unknown policy", line.unknown_policy],
                    ["one-click unsubscribe", line.one_click_unsubscribe ? "yes" : "no"],
                    ["rules of senders", "\(line.senders.count)"],
                    ["weekly report to", line.report?.to.joined(separator: " ") ?? "nobody"],
                    ["version", "\(line.version)"],
                ]
            )
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a tenant's new mail (403 tenant_paused). What is queued is still sent."
        )

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The tenant.")
        var name: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws { try await TenantCommand.set(.paused, name, options, json: json) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a paused tenant's mail again.")

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The tenant.")
        var name: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws { try await TenantCommand.set(.active, name, options, json: json) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a tenant with its keys; refused while mail of it is queued."
        )

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The tenant.")
        var name: String

        @Flag(name: .long, help: "Only show what would change.")
        var dryRun = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws {
            let change = try await DatabaseAccess.withPool(options) { pool in
                try await DirectoryStore(pool: pool).removeTenant(name, dryRun: dryRun, actor: Actor.name)
            }
            try ChangeReport(change, dryRun: dryRun).show(json: json)
        }
    }

    private static func set(
        _ status: TenantDocument.Status,
        _ name: String,
        _ options: DatabaseOptions,
        json: Bool
    ) async throws {
        let change = try await DatabaseAccess.withPool(options) { pool in
            try await DirectoryStore(pool: pool).setStatus(status, tenant: name, actor: Actor.name)
        }
        try ChangeReport(change, dryRun: false).show(json: json)
    }
}
