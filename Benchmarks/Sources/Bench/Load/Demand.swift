import Measure
import Synchronization

/// Wants messages so that shares have backlog, or have not, as a script says.
///
/// What was sent isn't known until the end, so it is modelled: each share is taken to send what an ideal allocation gives it.
/// What is kept waiting is more than the model can be wrong by, so that a share which is to be busy is.
final class Demand: Sendable {
    enum Mode: Sendable, Equatable {
        /// Every share has backlog.
        case all
        /// Every few seconds each share is drawn anew: nothing, a little, or backlog.
        case random
        /// Only these shares have backlog.
        case only([Bool])
        case none
    }

    private enum Appetite {
        case nothing
        case little
        case much
    }

    private static let tick = 0.05
    private static let reshuffle = 3.0

    private let shares: [SharePlan]
    private let credits: Int
    private let latency: Double
    private let largest: Int
    private let mode = Mutex(Mode.none)
    private let seed: UInt64

    /// - Parameters:
    ///   - latency: the mean, in seconds.
    ///   - largest: how many recipients a message may have.
    init(shares: [SharePlan], credits: Int, latency: Double, largest: Int, seed: UInt64) {
        self.shares = shares
        self.credits = credits
        self.latency = latency
        self.largest = largest
        self.seed = seed
    }

    func set(_ mode: Mode) {
        self.mode.withLock { $0 = mode }
    }

    /// Wants messages until it is cancelled.
    func run(_ want: (Order) -> Void) async throws {
        var generator = SplitMix64(seed: seed)
        var backlog = shares.map { _ in 0.0 }
        var due = shares.map { _ in 0.0 }
        var appetites = shares.map { _ in Appetite.nothing }
        var left = 0.0
        while true {
            let mode = mode.withLock(\.self)
            left -= Self.tick
            if mode != .random {
                appetites = appetites.indices.map { Self.fixed(mode, $0) }
                left = 0
            } else if left <= 0 {
                appetites = Self.draw(shares.count, using: &generator)
                left = Self.reshuffle
            }
            let busy = zip(backlog, appetites).map { $0 > 0 || $1 == .much }
            let rates = Allocation.ideal(credits: credits, shares: shares, busy: busy).map { $0 / (1 + latency) }
            // A share that may have to fall idle soon has little waiting.
            let kept = mode == .random ? (least: 0.4, most: 0.7) : (least: 1.0, most: 1.5)
            for index in shares.indices {
                backlog[index] = max(0, backlog[index] - rates[index] * Self.tick)
                switch appetites[index] {
                case .nothing: break
                case .little:
                    due[index] += Self.tick * 0.3 * Double(max(1, shares[index].rate))
                    while due[index] >= 1 {
                        want(Order(share: index, recipients: 1))
                        due[index] -= 1
                        backlog[index] += 1
                    }
                case .much:
                    guard backlog[index] < max(2, rates[index] * kept.least) else { break }
                    var missing = Int(max(4, rates[index] * kept.most) - backlog[index])
                    while missing > 0 {
                        let recipients = min(missing, largest)
                        want(Order(share: index, recipients: recipients))
                        missing -= recipients
                        backlog[index] += Double(recipients)
                    }
                }
            }
            try await pause(Self.tick)
        }
    }

    private static func fixed(_ mode: Mode, _ share: Int) -> Appetite {
        switch mode {
        case .all: .much
        case .only(let busy): busy[share] ? .much : .nothing
        case .random, .none: .nothing
        }
    }

    private static func draw(_ count: Int, using generator: inout SplitMix64) -> [Appetite] {
        let appetites = (0..<count).map { _ -> Appetite in
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<35: .nothing
            case 35..<50: .little
            default: .much
            }
        }
        if appetites.contains(where: { $0 == .much }) { return appetites }
        let busy = Int.random(in: 0..<count, using: &generator)
        return appetites.indices.map { $0 == busy ? .much : appetites[$0] }
    }
}
