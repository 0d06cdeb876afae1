import ArgumentParser
import Dashboard
import Directory
import Foundation
import Mail
import Outbox

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show what became of a tenant's mail in a week (Monday to Sunday, UTC)."
    )

    @OptionGroup var options: DatabaseOptions

    @Option(name: .long, help: "The tenant.")
    var tenant: String

    @Option(name: .long, help: "The week, such as 2026-W47. The last one that is over, unless said.")
    var week: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        if let week, ReportWeek(week) == nil {
            throw ValidationError("--week is a week as ISO 8601 names it, such as 2026-W47; '\(week)' is none.")
        }
    }

    func run() async throws {
        let week = week.flatMap { ReportWeek($0) } ?? .last(before: Date())
        let (name, report) = try await DatabaseAccess.withPool(options) { pool in
            let tenant = try await TenantChoice.find(tenant, pool)
            let report = try await ReportReader(pool: pool).report(tenantID: tenant.id, week: week)
            return (tenant.displayName ?? tenant.name, report)
        }
        if json { return try Output.json(Report(report)) }
        Output.line(ReportText.text(report, tenant: name).dropLast())
    }

    /// As `GET /reports/{week}` shows it.
    private struct Report: Encodable {
        struct Counts: Encodable {
            let accepted: Int
            let sent: Int
            let delivered: Int
            let bounced: Int
            let complained: Int

            init(_ counts: WeeklyReport.Counts) {
                accepted = counts.accepted
                sent = counts.sent
                delivered = counts.delivered
                bounced = counts.bounced
                complained = counts.complained
            }
        }

        struct Part: Encodable {
            let name: String
            let count: Int
            var words: String?
        }

        struct Trouble: Encodable {
            let status: String
            let count: Int
            let is_part: Bool
            let reasons: [Part]
            let domains: [Part]
        }

        let week: String
        let summary: [String]
        let counts: Counts
        let days: [Counts]
        let earlier: [Counts]
        let troubles: [Trouble]
        let complete: Bool
        let counted_until: Date?

        init(_ report: WeeklyReport) {
            week = report.week.description
            summary = ReportWords(report).sentences
            counts = Counts(report.counts)
            days = report.days.map(Counts.init)
            earlier = report.earlier.map(Counts.init)
            troubles = report.troubles.map { trouble in
                Trouble(
                    status: trouble.status.rawValue,
                    count: trouble.count,
                    is_part: trouble.isPart,
                    reasons: trouble.reasons.map {
                        Part(
                            name: $0.name,
                            count: $0.count,
                            words: TroubleWords.reason($0.name, status: trouble.status)
                        )
                    },
                    domains: trouble.domains.map { Part(name: $0.name, count: $0.count) }
                )
            }
            complete = report.isComplete
            counted_until = report.countedUntil
        }
    }
}
