import Foundation
import Postgres

/// The ids from `low` on and before `high`. Ids begin with the time of their making, so this is a stretch of time too, and a
/// stretch of time lies in a few partitions.
struct IDRange: Equatable, Sendable {
    private static let day: Int64 = 86_400_000
    private static let lastMillisecond: Int64 = (1 << 48) - 1
    /// How many days the parts reach that are looked at one after the other; what is left is one more. Most of what is asked for
    /// lies in the first, and for a statement on two days the planner does not go through a hundred.
    private static let reaches: [Int64] = [2, 10, 42]

    var low = PostgresUUID(high: 0, low: 0)
    var high = PostgresUUID(high: .max, low: .max)

    var isEmpty: Bool { low >= high }

    init(low: PostgresUUID, high: PostgresUUID) {
        self.low = low
        self.high = high
    }

    /// From the first id at `start`, to the millisecond, on; and before the first one at `end`.
    init(from start: Date? = nil, before end: Date? = nil) {
        if let start { low = Self.first(atMilliseconds: Self.milliseconds(start)) }
        if let end { high = Self.first(atMilliseconds: Self.milliseconds(end)) }
    }

    /// All of the messages' or rows' ids, and all rows of these messages.
    init(covering ids: [PostgresUUID]) {
        guard let first = ids.min(), let last = ids.max() else {
            high = low
            return
        }
        low = first
        high = PostgresUUID(high: last.high, low: last.low | 0xFFFF).next
    }

    /// What of it a list that shows the newest first has behind the row `after`, or in front of the row `before`.
    func beyond(after: PostgresUUID?, before: PostgresUUID?) -> IDRange {
        var range = self
        if let after { range.high = min(range.high, after) }
        if let before { range.low = max(range.low, before.next) }
        return range
    }

    /// What of it is not beyond `id` for somebody who goes through it.
    func up(to id: PostgresUUID, isAscending: Bool) -> IDRange {
        isAscending ? IDRange(low: low, high: id.next) : IDRange(low: id, high: high)
    }

    /// The same, cut at midnights (UTC) as partitions are: those at the new end first, or those at the old one.
    func parts(isAscending: Bool, now: Date) -> [IDRange] {
        guard !isEmpty else { return [] }
        var parts: [IDRange] = []
        var rest = self
        let newest = min(high.milliseconds, Self.milliseconds(now))
        let anchor = (isAscending ? low.milliseconds : newest) / Self.day
        for reach in Self.reaches {
            let edge = Self.first(atMilliseconds: (isAscending ? anchor + reach : anchor - reach + 1) * Self.day)
            guard edge > rest.low, edge < rest.high else { continue }
            if isAscending {
                parts.append(IDRange(low: rest.low, high: edge))
                rest.low = edge
            } else {
                parts.append(IDRange(low: edge, high: rest.high))
                rest.high = edge
            }
        }
        return parts + [rest]
    }

    private static func first(atMilliseconds milliseconds: Int64) -> PostgresUUID {
        PostgresUUID(high: UInt64(min(max(milliseconds, 0), lastMillisecond)) << 16, low: 0)
    }

    /// Rounded up, by way of microseconds: a whole millisecond may be a little more as a floating-point number.
    private static func milliseconds(_ date: Date) -> Int64 {
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        guard microseconds > 0 else { return 0 }
        guard let whole = Int64(exactly: microseconds) else { return lastMillisecond }
        return min((whole - 1) / 1000 + 1, lastMillisecond)
    }
}

extension PostgresUUID {
    /// When an id was made, in milliseconds since 1970.
    fileprivate var milliseconds: Int64 { Int64(high >> 16) }

    /// The one behind it.
    fileprivate var next: PostgresUUID {
        low == .max ? PostgresUUID(high: high &+ 1, low: 0) : PostgresUUID(high: high, low: low + 1)
    }
}
