public import Foundation

/// A week of reports, Monday to Sunday in UTC, named as ISO 8601 does: `2026-W47`.
public struct ReportWeek: Hashable, Comparable, Sendable, CustomStringConvertible {
    private static let day: TimeInterval = 86_400
    /// The first Monday after the epoch, which was a Thursday.
    private static let firstMonday: TimeInterval = 4 * day

    /// Its Monday, at midnight.
    public let start: Date

    private init(start: Date) {
        self.start = start
    }

    /// The week that a moment is in.
    public init(containing date: Date) {
        let weeks = ((date.timeIntervalSince1970 - Self.firstMonday) / (7 * Self.day)).rounded(.down)
        start = Date(timeIntervalSince1970: Self.firstMonday + weeks * 7 * Self.day)
    }

    /// Reads `2026-W47`; nil for what names no week.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 3, parts[1].hasPrefix("W"),
            parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let year = Int(parts[0]),
            let number = Int(parts[1].dropFirst()), (1...53).contains(number), (1970...9998).contains(year),
            let fourth = Self.calendar.date(from: DateComponents(year: year, month: 1, day: 4))
        else { return nil }
        // The fourth of January is always in the first week.
        self = ReportWeek(containing: fourth).moved(number - 1)
        // A year without a week 53 would name the first one of the next.
        guard description == text else { return nil }
    }

    /// The last week that is over.
    public static func last(before now: Date) -> ReportWeek { ReportWeek(containing: now).moved(-1) }

    /// The Monday after it, at midnight.
    public var end: Date { start.addingTimeInterval(7 * Self.day) }

    public func moved(_ weeks: Int) -> ReportWeek {
        ReportWeek(start: start.addingTimeInterval(Double(weeks) * 7 * Self.day))
    }

    /// Its days, such as `2026-11-16`, Monday first.
    public var days: [String] {
        (0..<7).map { Self.text(start.addingTimeInterval(Double($0) * Self.day)) }
    }

    /// The year is that of its Thursday.
    public var description: String {
        let thursday = start.addingTimeInterval(3 * Self.day)
        let year = Self.calendar.component(.year, from: thursday)
        let day = Self.calendar.ordinality(of: .day, in: .year, for: thursday) ?? 1
        let number = (day - 1) / 7 + 1
        return
            "\(String(repeating: "0", count: max(0, 4 - "\(year)".count)))\(year)-W\(number < 10 ? "0" : "")\(number)"
    }

    public static func < (left: ReportWeek, right: ReportWeek) -> Bool { left.start < right.start }

    private static func text(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }

    private static var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }
}
