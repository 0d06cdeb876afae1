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

    /// How many credits will have cooled at `time`.
    func count(until time: MonotonicTime) -> Int {
        var index = head
        var sum = 0
        while index < entries.count, entries[index].until <= time {
            sum += entries[index].credits
            index += 1
        }
        return sum
    }

    /// Removes the `credits` that cool first; returns when each does.
    mutating func removeFirst(_ credits: Int) -> [MonotonicTime] {
        var times: [MonotonicTime] = []
        while times.count < credits, head < entries.count {
            times.append(entries[head].until)
            entries[head].credits -= 1
            if entries[head].credits == 0 { head += 1 }
        }
        count -= times.count
        compact()
        return times
    }

    /// Removes and counts the credits whose time has come.
    mutating func removeCooled(at now: MonotonicTime) -> Int {
        var cooled = 0
        while head < entries.count, entries[head].until <= now {
            cooled += entries[head].credits
            head += 1
        }
        count -= cooled
        compact()
        return cooled
    }

    private mutating func compact() {
        guard head > 64, head * 2 > entries.count else { return }
        entries.removeFirst(head)
        head = 0
    }
}
