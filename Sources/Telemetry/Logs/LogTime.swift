import FoundationEssentials

/// A moment as RFC 3339 in UTC with milliseconds, such as `2026-02-03T04:05:06.789Z`.
struct LogTime: Sendable {
    private let days: Int
    private let milliseconds: Int

    init(_ date: Date) {
        let total = Int((date.timeIntervalSince1970 * 1000).rounded(.down))
        milliseconds = ((total % 86_400_000) + 86_400_000) % 86_400_000
        days = (total - milliseconds) / 86_400_000
    }

    /// The whole moment, 24 bytes.
    var text: [UInt8] {
        let (year, month, day) = civil
        var text: [UInt8] = []
        text.reserveCapacity(24)
        Self.append(year, 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(month, 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(day, 2, to: &text)
        text.append(UInt8(ascii: "T"))
        appendClock(to: &text)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// The time of day, `04:05:06.789`.
    var clock: [UInt8] {
        var text: [UInt8] = []
        appendClock(to: &text)
        return text
    }

    private func appendClock(to text: inout [UInt8]) {
        Self.append(milliseconds / 3_600_000, 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(milliseconds / 60_000 % 60, 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(milliseconds / 1000 % 60, 2, to: &text)
        text.append(UInt8(ascii: "."))
        Self.append(milliseconds % 1000, 3, to: &text)
    }

    /// The proleptic Gregorian date; years begin in March here, so that the leap day comes last.
    private var civil: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// The last `width` digits of the number.
    private static func append(_ number: Int, _ width: Int, to text: inout [UInt8]) {
        var unit = 1
        for _ in 1..<width { unit *= 10 }
        while unit > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
    }
}
