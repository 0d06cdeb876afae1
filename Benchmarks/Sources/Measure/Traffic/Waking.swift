/// How long a share that had nothing to send waits for its first send when it has something again.
public enum Waking {
    /// Seconds from the 202 to the first send, for each time that a share had been idle for `idle` seconds.
    public static func delays(_ traffic: Traffic, idle: Double = 1) -> [Double] {
        traffic.shares.indices.flatMap { share in
            let acceptances = traffic.accepted.values.filter { $0.share == share }.sorted { $0.at < $1.at }
            let sends = traffic.sends.filter { $0.outcome == .accepted && traffic.share(of: $0) == share }.map(\.at)
            return delays(acceptances, sends, idle: Int64(idle * 1e9))
        }
    }

    private static func delays(_ acceptances: [Traffic.Acceptance], _ sends: [Int64], idle: Int64) -> [Double] {
        var delays: [Double] = []
        var next = 0
        var waiting = 0
        var last = Int64.min
        for acceptance in acceptances {
            // What SES took before the client had read its answer belongs to this acceptance or an earlier one.
            while next < sends.count, sends[next] < acceptance.at {
                last = sends[next]
                waiting -= 1
                next += 1
            }
            if waiting <= 0, last != .min, acceptance.at - last >= idle, next < sends.count {
                delays.append(Double(sends[next] - acceptance.at) / 1e9)
            }
            waiting += acceptance.recipients
        }
        return delays
    }
}
