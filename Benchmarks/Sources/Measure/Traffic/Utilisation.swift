/// How much of what the backlogged shares might have sent was sent, over windows of some seconds.
public struct Utilisation: Sendable {
    /// Sends in each window, divided by the most that credits allow while every share had backlog throughout. That most is a
    /// whole number: at R = 1 and 55 ms a window of 10 s holds 9 or 10.
    public private(set) var saturated: [Double] = []
    /// The same over all windows in which anything much could be sent, against what each share might have held from instant to
    /// instant: what the moving of credits costs.
    public private(set) var overall: [Double] = []
    /// In windows with every share backlogged: how far a share's sends were from its guarantee at most, in credits.
    public private(set) var deviation: Double?
    /// In windows in which a share had backlog throughout, the least of its sends divided by its guarantee.
    public private(set) var guarantee: Double?

    /// - Parameters:
    ///   - latency: the mean, in seconds.
    ///   - window: in seconds.
    public init(_ timeline: Timeline, _ traffic: Traffic, latency: Double, window: Double) {
        let shares = traffic.shares
        let width = Int(window * 1e9 / Double(Timeline.step))
        let step = Double(Timeline.step) / 1e9
        let busy = (0..<timeline.steps).map { timeline.busy(shares, at: $0) }
        let usable = busy.map { busy in
            Allocation.ideal(credits: traffic.credits, shares: shares, busy: busy).reduce(0, +) * step / (1 + latency)
        }
        guard timeline.steps > width, width > 0 else { return }
        for first in stride(from: 0, to: timeline.steps - width, by: 2) {
            let last = first + width
            let sent = shares.indices.map { timeline.sent[$0][last] - timeline.sent[$0][first] }
            let possible = usable[first..<last].reduce(0, +)
            if possible >= 0.2 * Double(traffic.credits) * window {
                overall.append(Double(sent.reduce(0, +)) / max(1, (possible + 1e-6).rounded(.down)))
            }
            let always = shares.indices.map { index in busy[first...last].allSatisfy { $0[index] } }
            if always.allSatisfy(\.self) {
                saturated.append(Double(sent.reduce(0, +)) / max(1, (possible + 1e-6).rounded(.down)))
                for (index, share) in shares.enumerated() {
                    let credits = Double(sent[index]) * (1 + latency) / window
                    deviation = max(deviation ?? 0, abs(credits - Double(share.rate)))
                }
            }
            for (index, share) in shares.enumerated() where always[index] && share.rate > 0 {
                let promised = max(1, (Double(share.rate) * window / (1 + latency) + 1e-6).rounded(.down))
                guarantee = min(guarantee ?? .infinity, Double(sent[index]) / promised)
            }
        }
    }
}
