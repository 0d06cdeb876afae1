/// The 24 h limit over minute buckets: a bucket leaves when all of it is older than 24 hours, so the limit is never
/// exceeded in any 24 hours, and recovers up to a minute late.
struct DailyQuota {
    private static let minute: Int64 = 60_000_000_000
    private static let minutes: Int64 = 24 * 60

    /// Most recipients in 24 hours; -1 is unlimited.
    var limit: Int
    private var buckets = [Int](repeating: 0, count: Int(minutes) + 1)
    private var newest: Int64 = 0
    private var total = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func admits(_ recipients: Int, at now: Int64) -> Bool {
        advance(to: now)
        return limit < 0 || total + recipients <= limit
    }

    mutating func record(_ recipients: Int, at now: Int64) {
        advance(to: now)
        buckets[slot(newest)] += recipients
        total += recipients
    }

    /// Recipients counted in the last 24 hours (to the minute).
    mutating func used(at now: Int64) -> Int {
        advance(to: now)
        return total
    }

    private mutating func advance(to now: Int64) {
        let current = now / Self.minute
        guard current > newest else { return }
        // Entering minute m re-uses the bucket of m - 1441.
        for minute in max(newest + 1, current - Self.minutes)...current {
            total -= buckets[slot(minute)]
            buckets[slot(minute)] = 0
        }
        newest = current
    }

    private func slot(_ minute: Int64) -> Int {
        Int(minute % (Self.minutes + 1))
    }
}
