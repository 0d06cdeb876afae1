/// Credits that may not be used before a given time, earliest first.
///
/// Nearly every insertion is at the end, because calls are answered about in order; the few that are not (a call that
/// timed out cools longer) are placed by binary search.
struct CoolingQueue: Sendable {
    private struct Entry {
        var until: MonotonicTime
        var credits: Int
    }

    private var entries: [Entry] = []
    private var head = 0
    private(set) var count = 0

    var next: MonotonicTime? { head < entries.count ? entries[head].until : nil }

    mutating func insert(_ credits: Int, until: MonotonicTime) {
        guard credits > 0 else { return }
        count += credits
        if let last = entries.last, head < entries.count, last.until == until {
            entries[entries.count - 1].credits += credits
            return
        }
        var low = head
        var high = entries.count
        if let last = entries.last, head < entries.count, last.until <= until { low = high }
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].until <= until { low = middle + 1 } else { high = middle }
        }
        entries.insert(Entry(until: until, credits: credits), at: low)
    }

    /// Removes and counts the credits whose time has come.
    mutating func removeCooled(at now: MonotonicTime) -> Int {
        var cooled = 0
        while head < entries.count, entries[head].until <= now {
            cooled += entries[head].credits
            head += 1
        }
        count -= cooled
        if head > 64, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return cooled
    }
}
