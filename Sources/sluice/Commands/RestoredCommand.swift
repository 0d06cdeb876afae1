import ArgumentParser
import Directory
import Foundation
import Outbox
import Postgres

struct RestoredCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restored",
        abstract: "After a restore: keep what waits from being sent twice.",
        discussion: """
            Run it before the first node starts. What waits may have been sent after the moment to which the database was taken \
            back, so its outcome becomes unknown: SES's events decide what they can until the grace is over, then each \
            tenant's policy does (resend, hold or fail). What was not due before the old database was lost stays as it is. \
            With --decide, while nodes run: ends the grace now.
            """
    )

    @OptionGroup var options: DatabaseOptions

    @Option(name: .long, help: "When the old database was lost, such as 2026-02-03T04:05:06Z (default: now).")
    var lostAt: String?

    @Option(name: .long, help: "How long SES's word is waited for, up to 30d.")
    var grace = "24h"

    @Flag(name: .long, help: "Let the tenants' policies decide now.")
    var decide = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    private struct Answer: Encodable {
        var doubtful: Int?
        var untouched: Int?
        var decided: Int?
    }

    func validate() throws {
        guard let grace = DurationText(grace)?.duration, grace <= .seconds(30 * 86_400) else {
            throw ValidationError("--grace is a duration up to 30d, such as 24h.")
        }
        if let lostAt, (try? Date(lostAt, strategy: .iso8601)) == nil {
            throw ValidationError("--lost-at: '\(lostAt)' is no time such as 2026-02-03T04:05:06Z.")
        }
    }

    func run() async throws {
        let grace = DurationText(grace)?.duration ?? .zero
        let lostAt = try lostAt.map { try Date($0, strategy: .iso8601) } ?? Date()
        let answer = try await DatabaseAccess.withPool(options) { pool in
            let restoration = Restoration(pool: pool)
            if decide { return Answer(decided: try await restoration.decide()) }
            let running = try await pool.withConnection { try await RunningProgram.others(on: $0) }
            guard running.isEmpty else {
                throw CommandFailure(
                    "programs use this database: \(running.joined(separator: ", ")); stop all nodes first"
                )
            }
            let report = try await restoration.doubt(lostAt: lostAt, grace: grace) {
                Output.note("\($0) entries so far")
            }
            return Answer(doubtful: report.doubtful, untouched: report.untouched)
        }
        if json { return try Output.json(answer) }
        if let decided = answer.decided {
            Output.line("\(decided) entries are decided by their tenants' policies now")
        } else {
            Output.line(
                "\(answer.doubtful ?? 0) entries may have been sent: unknown until SES has spoken, or for \(self.grace)"
            )
            Output.line("\(answer.untouched ?? 0) entries were not due yet: as they were")
        }
    }
}
