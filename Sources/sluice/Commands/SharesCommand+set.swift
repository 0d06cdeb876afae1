import ArgumentParser
import Capacity
import Directory
import Foundation

extension SharesCommand {
    struct SetShare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Change one share: in force on every node within two seconds, nothing lost, nothing over."
        )

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The share, such as main/UK/apa.")
        var share: String

        @Option(name: .long, help: "Credits that it is promised.")
        var rate: Int?

        @Option(name: .long, help: "The most credits it may hold, or `parent`: whatever its parent may.")
        var ceiling: String?

        @Option(name: .long, help: "How much of what is left over it gets beside others.")
        var weight: Int?

        @Option(name: .long, help: "Whether others may use its idle credits: true or false.")
        var lend: Bool?

        @Flag(name: .long, help: "Only show what would change.")
        var dryRun = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            guard rate != nil || ceiling != nil || weight != nil || lend != nil else {
                throw ValidationError("Say what to change: --rate, --ceiling, --weight or --lend.")
            }
            guard let ceiling, ceiling != "parent", Int(ceiling) == nil else { return }
            throw ValidationError("--ceiling is a whole number of credits, or `parent`.")
        }

        func run() async throws {
            guard let slash = share.firstIndex(of: "/") else {
                throw CommandFailure("'\(share)' names no share: write ACCOUNT/PATH, such as main/AT")
            }
            let change = ShareChange(
                rate: rate,
                ceiling: ceiling.map { Int($0).map { .credits($0) } ?? .parent },
                weight: weight,
                lend: lend
            )
            let done = try await DatabaseAccess.withPool(options) { pool in
                try await DirectoryStore(pool: pool).patchShare(
                    account: String(share[..<slash]),
                    path: String(share[share.index(after: slash)...]),
                    change: change,
                    dryRun: dryRun,
                    actor: Actor.name
                )
            }
            try ChangeReport(done, dryRun: dryRun).show(json: json)
        }
    }
}
