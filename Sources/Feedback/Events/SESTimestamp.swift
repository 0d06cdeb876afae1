import Foundation

/// SES's timestamps: RFC 3339 with any fraction, as milliseconds since 1970.
enum SESTimestamp {
    /// SES came into being in January 2011.
    private static let earliest: Int64 = 1_293_840_000_000
    private static let day: Int64 = 86_400_000
    private static let future: Int64 = 300_000

    /// Strict: nil for what is no date and time with a zone.
    static func milliseconds(_ text: String) -> Int64? {
        var scanner = TimestampScanner(text)
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T"), let hour = scanner.number(2), scanner.take(":"),
            let minute = scanner.number(2), scanner.take(":"), let second = scanner.number(2),
            (1...12).contains(month), (1...days(inMonth: month, year: year)).contains(day), hour < 24, minute < 60,
            second < 61
        else { return nil }
        var thousandths: Int64 = 0
        if scanner.take(".") {
            guard let fraction = scanner.thousandths() else { return nil }
            thousandths = fraction
        }
        guard let zone = zone(&scanner), scanner.isAtEnd else { return nil }
        let minutes = (days(to: year, month, day) * 24 + hour) * 60 + minute - zone
        return (minutes * 60 + second) * 1000 + thousandths
    }

    /// By how many minutes it is ahead of UTC.
    private static func zone(_ scanner: inout TimestampScanner) -> Int64? {
        if scanner.take("Z") { return 0 }
        let isAhead = scanner.take("+")
        guard isAhead || scanner.take("-"), let hours = scanner.number(2), scanner.take(":"),
            let minutes = scanner.number(2), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isAhead ? 1 : -1)
    }

    /// When something happened to mail that SES took at `mailedAt`: what SES says, unless that cannot be. Times come from
    /// other people's mail servers, too.
    static func plausible(_ text: String?, mailedAt: Date, receivedAt: Date) -> (at: Date, isTrue: Bool) {
        guard let milliseconds = text.flatMap(milliseconds) else { return (mailedAt, false) }
        if milliseconds > Int64(receivedAt.timeIntervalSince1970 * 1000) + future { return (receivedAt, false) }
        if milliseconds < earliest || milliseconds < Int64(mailedAt.timeIntervalSince1970 * 1000) - day {
            return (mailedAt, false)
        }
        return (date(milliseconds), true)
    }

    /// When SES took the mail; when it was heard of, where SES does not say or cannot be right.
    static func mailed(_ text: String?, receivedAt: Date) -> Date {
        guard let milliseconds = text.flatMap(milliseconds), milliseconds >= earliest,
            milliseconds <= Int64(receivedAt.timeIntervalSince1970 * 1000) + future
        else { return receivedAt }
        return date(milliseconds)
    }

    private static func date(_ milliseconds: Int64) -> Date {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    private static func days(inMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the Gregorian calendar, counted from March so that the leap day comes last.
    private static func days(to year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
