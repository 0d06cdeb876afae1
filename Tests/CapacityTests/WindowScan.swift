import Capacity

/// The most recipients in any half-open window, by two pointers over all the instants at which they counted.
func maximumInWindow(_ counts: [(at: MonotonicTime, recipients: Int)], window: Nanoseconds) -> Int {
    let sorted = counts.sorted { $0.at < $1.at }
    var most = 0
    var sum = 0
    var tail = 0
    for head in sorted.indices {
        sum += sorted[head].recipients
        while sorted[head].at - sorted[tail].at >= window {
            sum -= sorted[tail].recipients
            tail += 1
        }
        most = max(most, sum)
    }
    return most
}
