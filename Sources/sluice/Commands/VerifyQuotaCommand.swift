import ArgumentParser
import Directory
import Dispatching
import Foundation
import Synchronization

struct VerifyQuotaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-quota",
        abstract: "Replay what an account sent: every window over its quota, and every guarantee missed.",
        discussion: """
            Each attempt's start and answer are read from the send log and mapped to the database's clock with an error \
            bound. A window is certain when it holds more than the quota whatever the true times are, possible when it \
            could. Exit code 1 when one is certain.
            """
    )

    @OptionGroup var options: DatabaseOptions

    @Option(name: .long, help: "The account.")
    var account: String

    @Option(
        name: .long,
        help: "Where the period starts, such as 2026-02-03T04:05:06Z (default: an hour before its end)."
    )
    var from: String?

    @Option(name: .long, help: "Where it ends (default: now).")
    var to: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        let period = try period()
        let progress = ReadingProgress()
        let report = try await DatabaseAccess.withPool(options) { pool in
            let directory = try await DirectoryLoader.load(pool)
            guard let account = try directory.accounts(named: account).first else { return QuotaReport?.none }
            return try await QuotaVerification(pool: pool, account: account)
                .run(from: period.from, to: period.to) { progress.read($0) }
        }
        guard let report else { return }
        let view = QuotaReportView(report, account: account, from: period.from, to: period.to)
        if json { try Output.json(view) } else { view.show() }
        if report.isViolated { throw ExitCode.failure }
    }

    private func period() throws -> (from: Date, to: Date) {
        let to = try to.map { try Self.time($0, "--to") } ?? Date()
        let from = try from.map { try Self.time($0, "--from") } ?? to.addingTimeInterval(-3600)
        guard from < to else { throw ValidationError("--from is not before --to.") }
        return (from, to)
    }

    private static func time(_ text: String, _ option: String) throws -> Date {
        for style in [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)] {
            if let date = try? style.parse(text) { return date }
        }
        throw ValidationError("\(option) '\(text)' is no time such as 2026-02-03T04:05:06Z (RFC 3339).")
    }
}

/// Says on stderr how far the reading is when it takes longer than two seconds.
private final class ReadingProgress: Sendable {
    private let next = Mutex(ContinuousClock.now + .seconds(2))

    func read(_ attempts: Int) {
        let isDue = next.withLock { next in
            guard ContinuousClock.now >= next else { return false }
            next = .now + .seconds(2)
            return true
        }
        if isDue { Output.note("\(attempts) attempts read") }
    }
}
