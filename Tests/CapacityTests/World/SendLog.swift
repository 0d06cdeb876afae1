import Capacity

/// Every send at the time at which SES counted it, and what was allowed when.
struct SendLog {
    /// A limit in force from a time on.
    struct Limit {
        let from: Int64
        let credits: Int
        let window: Int64
    }

    private(set) var times: [Int64] = []
    private(set) var recipients: [Int32] = []
    private(set) var limits: [Limit] = []
    private(set) var sum = 0

    mutating func count(_ recipients: Int, at: Int64) {
        times.append(at)
        self.recipients.append(Int32(recipients))
        sum += recipients
    }

    mutating func allow(_ credits: Int, window: Int64 = .second, from: Int64) {
        if let last = limits.last, last.credits == credits, last.window == window { return }
        limits.append(Limit(from: from, credits: credits, window: window))
    }

    /// The first window that holds more than it may, or nil.
    ///
    /// - Parameter settles: after a limit was lowered, the one before it counts for so long.
    func violation(settles: Int64) -> String? {
        let order = times.indices.sorted { times[$0] < times[$1] }
        return overrun(order, settles: settles) ?? longWindows(order, settles: settles)
    }

    /// Windows of a second, against the highest limit that applies to any part of them.
    private func overrun(_ order: [Int], settles: Int64) -> String? {
        var tail = 0
        var count = 0
        var limit = 0
        for place in order {
            let now = times[place]
            count += Int(recipients[place])
            while now - times[order[tail]] >= .second {
                count -= Int(recipients[order[tail]])
                tail += 1
            }
            // Limits in force at any time of [now - 1 s - settles, now].
            while limit + 1 < limits.count, limits[limit + 1].from <= now - .second - settles { limit += 1 }
            var most = 0
            var index = limit
            while index < limits.count, limits[index].from <= now {
                most = max(most, limits[index].credits)
                index += 1
            }
            if count > most { return "\(count) recipients in a second where \(most) may be, at \(seconds(now))" }
        }
        return nil
    }

    /// Quotas below one a second: windows longer than a second, inside the time that the quota was in force.
    private func longWindows(_ order: [Int], settles: Int64) -> String? {
        for (index, limit) in limits.enumerated() where limit.window > .second {
            let end = index + 1 < limits.count ? limits[index + 1].from : Int64.max
            let start = limit.from + settles + limit.window
            var last: Int64?
            for place in order where times[place] >= start && times[place] < end {
                if let last, times[place] - last < limit.window {
                    return "two sends \(times[place] - last) ns apart at \(seconds(times[place])), W \(limit.window) ns"
                }
                last = times[place]
            }
        }
        return nil
    }

    /// Recipients counted in [start, end).
    func count(from start: Int64, to end: Int64) -> Int {
        times.indices.reduce(0) { $0 + (times[$1] >= start && times[$1] < end ? Int(recipients[$1]) : 0) }
    }

    private func seconds(_ time: Int64) -> String { "\(Double(time) / 1e9) s" }
}
