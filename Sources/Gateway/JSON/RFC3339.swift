import FoundationEssentials

/// Times as the API writes them: RFC 3339, section 5.6.
enum RFC3339 {
    /// In UTC with milliseconds: `2026-02-03T04:05:06.789Z`.
    static func text(_ date: Date) -> String {
        // By way of microseconds, as PostgreSQL has them: a whole millisecond may be a little less as a floating-point number.
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        let total = Int((microseconds / 1000).rounded(.down))
        let inDay = ((total % 86_400_000) + 86_400_000) % 86_400_000
        let (year, month, day) = CivilDate.components(ofDay: (total - inDay) / 86_400_000)
        let seconds = inDay / 1000
        return digits(year, 4) + "-" + digits(month, 2) + "-" + digits(day, 2) + "T" + digits(seconds / 3600, 2) + ":"
            + digits(seconds / 60 % 60, 2) + ":" + digits(seconds % 60, 2) + "." + digits(inDay % 1000, 3) + "Z"
    }

    /// The years 0 to 9999 in UTC. An offset can lead out of them, and so can rounding.
    private static let writable = -62_167_219_200.0..<253_402_300_799.9995

    /// Reads a time with `Z` or a numeric offset; a leap second counts as the second after it. Nil for anything else.
    static func date(_ text: String) -> Date? {
        var reader = Reader(Array(text.utf8))
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("Tt "), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2)
        else { return nil }
        let fraction = reader.fraction()
        guard let fraction, let offset = reader.offset(), reader.isAtEnd, (1...12).contains(month),
            (1...CivilDate.days(inMonth: month, year: year)).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = CivilDate.day(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        let time = Double(seconds) + fraction
        return writable.contains(time) ? Date(timeIntervalSince1970: time) : nil
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// Takes a time apart from left to right.
    private struct Reader {
        private let bytes: [UInt8]
        private var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { position == bytes.count }

        mutating func number(_ width: Int) -> Int? {
            guard position + width <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[position..<(position + width)] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            position += width
            return value
        }

        mutating func skip(_ choices: String) -> Bool {
            guard !isAtEnd, choices.utf8.contains(bytes[position]) else { return false }
            position += 1
            return true
        }

        /// The part of a second, 0 where there is none; nil for a point without digits.
        mutating func fraction() -> Double? {
            guard skip(".") else { return 0 }
            var value = 0.0
            var scale = 0.1
            let start = position
            while let digit = number(1) {
                value += Double(digit) * scale
                scale /= 10
            }
            return position > start ? value : nil
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int? {
            if skip("Zz") { return 0 }
            let isWest = !isAtEnd && bytes[position] == UInt8(ascii: "-")
            guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
            else { return nil }
            return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
        }
    }
}
