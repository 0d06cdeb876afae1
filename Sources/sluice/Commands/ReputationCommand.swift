import ArgumentParser
import Directory
import Foundation
import Reputation

struct ReputationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reputation",
        abstract: "Show who bounces and is complained of, and let paused tenants go on.",
        subcommands: [List.self, Resume.self],
        defaultSubcommand: List.self
    )

    struct Line: Encodable {
        let account: String
        /// Nil: everybody's mail through the account.
        let tenant: String?
        let state: String
        let sent: Int
        /// Percent of the last 10,000 sends.
        let bounce_rate: Double
        let complaint_rate: Double
        let reason: String?

        init(_ standing: Standing) {
            let counts = standing.counts[.volume] ?? MailCounts()
            account = standing.account
            tenant = standing.tenant
            state = standing.state.rawValue
            sent = counts.sent
            bounce_rate = counts.bounceRate
            complaint_rate = counts.complaintRate
            reason = standing.reason
        }

        var row: [String] {
            [
                account, tenant ?? "", state, "\(sent)", String(format: "%.2f %%", bounce_rate),
                String(format: "%.3f %%", complaint_rate), reason ?? "",
            ]
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List accounts and their tenants, by the last 10,000 sends of each."
        )

        @OptionGroup var options: DatabaseOptions

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws {
            let standings = try await DatabaseAccess.withPool(options) { try await StandingReader(pool: $0).all() }
            let lines = standings.sorted { ($0.account, $0.tenant ?? "") < ($1.account, $1.tenant ?? "") }.map(
                Line.init
            )
            if json { return try Output.json(lines) }
            Output.table(["ACCOUNT", "TENANT", "STATE", "SENT", "BOUNCED", "COMPLAINED", "REASON"], lines.map(\.row))
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a tenant's mail go on at full rate, whatever its standing was."
        )

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The tenant.")
        var tenant: String

        @Option(name: .long, help: "Only at this account.")
        var account: String?

        func run() async throws {
            let accounts = try await DatabaseAccess.withPool(options) { pool in
                let id = try await TenantChoice.find(tenant, pool).id
                do {
                    return try await StandingResumer(pool: pool).resume(
                        tenantID: id,
                        account: account,
                        by: .admin,
                        actor: Actor.name
                    )
                } catch is StandingResumer.Refusal {
                    throw CommandFailure("nothing of tenant \(tenant) is warned, slowed or paused there")
                }
            }
            Output.line("tenant \(tenant) goes on at \(accounts.joined(separator: ", "))")
        }
    }
}
