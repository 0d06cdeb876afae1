import ArgumentParser
import Directory
import Foundation

struct SharesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shares",
        abstract: "Show the share trees with what happens now, and change shares.",
        subcommands: [Show.self, SetShare.self],
        defaultSubcommand: Show.self
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what each share is promised, holds and sends.",
            discussion: """
                GRANTED are credits, USED recipients a second over the last five seconds, BACKLOG recipients that wait. \
                A share's figures are its own: those of the shares below it are not in them.
                """
        )

        @OptionGroup var options: DatabaseOptions

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @Argument(help: "One account (default: all).")
        var account: String?

        func run() async throws {
            let reports = try await DatabaseAccess.withPool(options) { pool in
                var reports: [ShareReport] = []
                for account in try await DirectoryLoader.load(pool).accounts(named: account) {
                    reports.append(ShareReport(account, try await ClusterReader(pool: pool).figures(of: account)))
                }
                return reports
            }
            if json { return try Output.json(reports) }
            for (index, report) in reports.enumerated() {
                if index > 0 { Output.line("") }
                report.show()
            }
        }
    }
}
