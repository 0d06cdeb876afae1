public import Outbox

/// Reads what became of a tenant's mail in a week.
public protocol ReportReading: Sendable {
    func report(tenantID: Int32, week: ReportWeek) async throws -> WeeklyReport
}

extension ReportReader: ReportReading {}
