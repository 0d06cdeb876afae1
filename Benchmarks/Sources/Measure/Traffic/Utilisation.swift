/// How much of what the backlogged shares might have sent was sent, over windows of some seconds.
public struct Utilisation: Sendable {
    /// Sends in each window, divided by what credits allow, while every share had backlog throughout.
    public private(set) var saturated: [Double] = []
    /// The same over all windows in which anything much could be sent, of the shares that had backlog, against what they might
    /// have held from instant to instant: what the moving of credits costs.
    public private(set) var overall: [Double] = []
    /// In windows with every share backlogged: how far a share's part of the sends was from its guarantee at most, in credits.
    public private(set) var deviation: Double?
    /// In windows in which a share had backlog throughout, the least of its sends divided by its guarantee.
    public private(set) var guarantee: Double?

    /// - Parameters:
    ///   - latency: the mean, in seconds.
    ///   - window: in seconds.
    public init(_ timeline: Timeline, _ traffic: Traffic, latency: Double, window: Double) {
        let shares = traffic.shares
        let width = Int(window * 1e9 / Double(Timeline.step))
        guard timeline.steps > width, width > 0 else { return }
        let busy = (0..<timeline.steps).map { timeline.busy(shares, at: $0) }
        let promised = shares.reduce(0) { $0 + $1.rate }
        let (possible, actual) = Self.sums(timeline, traffic, busy: busy, latency: latency)
        for first in stride(from: 0, to: timeline.steps - width, by: 2) {
            let last = first + width
            let usable = possible[last] - possible[first]
            if usable >= 0.2 * Double(traffic.credits) * window {
                overall.append(Double(actual[last] - actual[first]) / usable)
            }
            let sent = shares.indices.map { timeline.sent[$0][last] - timeline.sent[$0][first] }
            let always = shares.indices.map { index in busy[first...last].allSatisfy { $0[index] } }
            if always.allSatisfy(\.self) {
                saturated.append(Double(sent.reduce(0, +)) / usable)
                for (index, share) in shares.enumerated() {
                    let part = Double(sent[index]) / Double(max(1, sent.reduce(0, +)))
                    deviation = max(deviation ?? 0, abs(part * Double(promised) - Double(share.rate)))
                }
            }
            for (index, share) in shares.enumerated() where always[index] && share.rate > 0 {
                let most = Double(share.rate) * window / (1 + latency)
                guarantee = min(guarantee ?? .infinity, Double(sent[index]) / most)
            }
        }
    }

    /// Up to each step: what the shares with backlog might have sent, and what they have.
    private static func sums(
        _ timeline: Timeline,
        _ traffic: Traffic,
        busy: [[Bool]],
        latency: Double
    ) -> (possible: [Double], actual: [Int]) {
        let second = Int(1_000_000_000 / Timeline.step)
        var possible = [0.0]
        var actual = [0]
        for step in 1..<timeline.steps {
            let used = timeline.sent.map { sent in
                let before = max(0, step - second)
                return Double(sent[step] - sent[before]) * (1 + latency)
            }
            let held = Allocation.ideal(
                credits: traffic.credits,
                shares: traffic.shares,
                busy: busy[step - 1],
                used: used
            )
            let sent = traffic.shares.indices.filter { busy[step - 1][$0] }.reduce(0) { sum, index in
                sum + timeline.sent[index][step] - timeline.sent[index][step - 1]
            }
            possible.append(possible[step - 1] + held.reduce(0, +) * Double(Timeline.step) / 1e9 / (1 + latency))
            actual.append(actual[step - 1] + sent)
        }
        return (possible, actual)
    }
}
