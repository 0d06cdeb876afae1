/// Durations as people write them: `250us`, `30ms`, `1.5s`, `2m`, `1h`, or `0`.
enum DurationText {
    private static let units: [(suffix: String, nanoseconds: Double)] = [
        ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]

    /// The duration, or nil where the text is not one (or is longer than about a century).
    static func parse(_ text: String) -> Duration? {
        let trimmed = text.filter { $0 != " " }
        if trimmed == "0" { return .zero }
        let digits = trimmed.prefix { ("0"..."9").contains($0) || $0 == "." }
        let suffix = trimmed.dropFirst(digits.count)
        guard let first = digits.first, first != ".", digits.last != ".",
            let value = Double(digits),
            let unit = units.first(where: { $0.suffix == suffix })
        else { return nil }
        let nanoseconds = (value * unit.nanoseconds).rounded()
        return nanoseconds < 4e18 ? .nanoseconds(Int64(nanoseconds)) : nil
    }

    /// The shortest exact form in the units above, down to a microsecond.
    static func format(_ duration: Duration) -> String {
        let nanoseconds = duration.wholeNanoseconds
        if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
        if nanoseconds % 1_000_000 == 0 { return "\(nanoseconds / 1_000_000)ms" }
        return "\(nanoseconds / 1000)us"
    }
}

extension Duration {
    /// Nanoseconds, rounded down, for durations below 292 years.
    var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
