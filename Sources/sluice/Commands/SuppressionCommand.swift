import ArgumentParser
import Directory
import Foundation
import Mail

struct SuppressionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppression",
        abstract: "Show the addresses that a tenant's mail does not go to.",
        subcommands: [List.self, Show.self],
        defaultSubcommand: List.self
    )

    struct Line: Encodable {
        let email: String
        let reason: String
        let stream: String?
        let detail: String?
        let message_id: String?
        let created_at: Date

        init(_ suppression: Suppression) {
            email = suppression.email
            reason = suppression.reason.rawValue
            stream = suppression.stream?.rawValue
            detail = suppression.detail
            message_id = suppression.messageID
            created_at = suppression.createdAt
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List addresses in their order, 100 at most; go on with --after."
        )

        @OptionGroup var options: DatabaseOptions

        @Option(name: .long, help: "The tenant.")
        var tenant: String

        @Option(name: .long, help: "Only addresses that begin so.")
        var email: String?

        @Option(name: .long, help: "Only addresses of this domain.")
        var domain: String?

        @Option(name: .long, help: "Only bounce, complaint, manual or unsubscribe.")
        var reason: String?

        @Option(name: .long, help: "Only addresses behind this one.")
        var after: String?

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            if let reason, Suppression.Reason(rawValue: reason) == nil {
                throw ValidationError("--reason is bounce, complaint, manual or unsubscribe.")
            }
        }

        func run() async throws {
            let filter = SuppressionFilter(
                prefix: email?.lowercased(),
                domain: try domain.map { try DomainName(parsing: $0).ascii },
                reason: reason.flatMap(Suppression.Reason.init(rawValue:))
            )
            let lines = try await DatabaseAccess.withPool(options) { pool in
                let id = try await TenantChoice.find(tenant, pool).id
                var lines: [Line] = []
                var place = after?.lowercased()
                repeat {
                    let page = try await SuppressionStore(pool: pool).suppressions(
                        tenantID: id,
                        filter: filter,
                        limit: 100 - lines.count,
                        after: place,
                        before: nil
                    )
                    lines += page.suppressions.map(Line.init)
                    place = page.edge
                } while place != nil && lines.count < 100
                return lines
            }
            if json { return try Output.json(lines) }
            Output.table(
                ["EMAIL", "REASON", "STREAM", "SINCE", "DETAIL"],
                lines.map {
                    [$0.email, $0.reason, $0.stream ?? "all", $0.created_at.formatted(.iso8601), $0.detail ?? ""]
                }
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether, why and since when an address gets no mail."
        )

        @OptionGroup var options: DatabaseOptions

        @Option(name: .long, help: "The tenant.")
        var tenant: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @Argument(help: "The address.")
        var email: String

        func run() async throws {
            let address = try EmailAddress(parsing: email)
            let found = try await DatabaseAccess.withPool(options) { pool in
                let id = try await TenantChoice.find(tenant, pool).id
                return try await SuppressionStore(pool: pool).suppression(of: address, tenantID: id)
            }
            guard let found else { throw CommandFailure("tenant \(tenant) does not suppress this address") }
            let line = Line(found)
            if json { return try Output.json(line) }
            Output.table(
                ["EMAIL", "REASON", "SINCE", "MESSAGE", "DETAIL"],
                [
                    [
                        line.email, line.reason, line.created_at.formatted(.iso8601), line.message_id ?? "",
                        line.detail ?? "",
                    ]
                ]
            )
        }
    }
}
