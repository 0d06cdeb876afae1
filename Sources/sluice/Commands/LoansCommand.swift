import ArgumentParser
import Directory
import Foundation

struct LoansCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loans",
        abstract: "Show the loan ledger, newest first: which share lent how many credits to which, from when to when.",
        discussion: "What no share is promised is lent by the account itself, shown as (account)."
    )

    @OptionGroup var options: DatabaseOptions

    @Option(name: .long, help: "At most this many of each account.")
    var limit = 50

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Argument(help: "One account (default: all).")
    var account: String?

    private struct Line: Encodable {
        let account: String
        let id: Int64
        let lender: String
        let borrower: String
        let credits: Int
        let from: Date
        /// nil: still lent.
        let to: Date?

        var cells: [String] {
            [
                account, lender.isEmpty ? "(account)" : lender, borrower.isEmpty ? "(account)" : borrower, "\(credits)",
                from.formatted(.iso8601), to?.formatted(.iso8601) ?? "still lent",
            ]
        }
    }

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 100000.") }
    }

    func run() async throws {
        let lines = try await DatabaseAccess.withPool(options) { pool in
            var lines: [Line] = []
            for account in try await DirectoryLoader.load(pool).accounts(named: account) {
                lines += try await ClusterReader(pool: pool)
                    .loans(accountID: account.id, limit: limit, after: nil, before: nil)
                    .map { loan in
                        Line(
                            account: account.name,
                            id: loan.id,
                            lender: loan.lender,
                            borrower: loan.borrower,
                            credits: loan.credits,
                            from: loan.from,
                            to: loan.to
                        )
                    }
            }
            return lines
        }
        if json { return try Output.json(lines) }
        Output.table(["ACCOUNT", "LENDER", "BORROWER", "CREDITS", "FROM", "TO"], lines.map(\.cells))
    }
}
