/// A point in time as signatures write it: `20260102T030405Z`, in UTC.
public struct SigV4Date: Hashable, Sendable {
    /// `YYYYMMDD`.
    public let day: String

    /// `YYYYMMDDTHHMMSSZ`.
    public let text: String

    /// - Parameter unixSeconds: whole seconds since 1970-01-01T00:00:00Z, in the years 0 to 9999.
    public init(unixSeconds: Int64) {
        let days = Int((Double(unixSeconds) / 86_400).rounded(.down))
        let second = Int(unixSeconds) - days * 86_400
        let (year, month, dayOfMonth) = Self.civil(fromDays: days)
        day = Self.digits(year, 4) + Self.digits(month, 2) + Self.digits(dayOfMonth, 2)
        let time = Self.digits(second / 3600, 2) + Self.digits(second / 60 % 60, 2) + Self.digits(second % 60, 2)
        text = "\(day)T\(time)Z"
    }

    /// The Gregorian date `days` after 1970-01-01, counted in years that begin in March, so that the leap day is the last.
    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
