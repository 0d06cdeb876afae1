import Foundation
import Outbox
import Testing

@Suite("Weeks of reports")
struct ReportWeekTests {
    private func week(_ date: String) throws -> ReportWeek {
        ReportWeek(containing: try Date(date, strategy: .iso8601))
    }

    @Test(
        "Weeks begin on Monday in UTC, and belong to the year of their Thursday",
        arguments: [
            ("2026-11-16T00:00:00Z", "2026-W47"), ("2026-11-22T23:59:59Z", "2026-W47"),
            ("2026-11-23T00:00:00Z", "2026-W48"),
            ("2021-01-03T12:00:00Z", "2020-W53"), ("2021-01-04T00:00:00Z", "2021-W01"),
            ("2024-12-30T00:00:00Z", "2025-W01"),
            ("2027-01-01T00:00:00Z", "2026-W53"),
        ]
    )
    func names(date: String, name: String) throws {
        let week = try week(date)
        #expect(week.description == name)
        #expect(ReportWeek(name) == week)
    }

    @Test(
        "What names no week is none",
        arguments: [
            "", "2026", "2026-W0", "2026-W00", "2026-W54", "2025-W53", "2026-47", "2026-w47", "26-W47", "2026-W4x",
            "+026-W47",
            "2026-W47-1", "9999-W01",
        ]
    )
    func strangers(text: String) {
        #expect(ReportWeek(text) == nil)
    }

    @Test("A week has seven days, and follows the one before it")
    func days() throws {
        let week = try #require(ReportWeek("2026-W01"))
        #expect(week.days.first == "2025-12-29" && week.days.last == "2026-01-04" && week.days.count == 7)
        #expect(week.moved(-1).end == week.start && week.moved(-1).description == "2025-W52")
        #expect(ReportWeek.last(before: week.end) == week)
        #expect(ReportWeek.last(before: week.end.addingTimeInterval(-1)) == week.moved(-1))
    }
}
