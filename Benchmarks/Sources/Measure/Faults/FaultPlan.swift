/// Everything about a run that is drawn: which processes there are, and what breaks when. The same seed, the same plan.
public struct FaultPlan: Sendable, Equatable {
    public enum Layout: String, CaseIterable, Codable, Sendable {
        /// Every role has processes of its own.
        case split
        /// Two nodes that do everything.
        case whole
    }

    /// One thing that breaks.
    public struct Strike: Sendable, Equatable {
        public let kind: FaultKind
        /// Seconds after the load began.
        public let at: Double
        public let seconds: Double
        /// Chooses among victims and variants.
        public let choice: UInt64
    }

    /// Seconds in which faults begin.
    private static let span = 0.8...7.0
    /// Seconds between two faults of the same target.
    private static let rest = 1.0
    /// Seconds of load after the last fault.
    private static let tail = 2.0

    public let seed: UInt64
    public let layout: Layout
    /// In the order of their beginnings.
    public let strikes: [Strike]

    /// - Parameter kinds: what may break; seeds in a row begin with one after the other.
    public init(seed: UInt64, kinds: [FaultKind] = FaultKind.allCases) {
        var random = SplitMix64(seed: seed)
        self.seed = seed
        layout = Layout.allCases[Int(seed / UInt64(max(1, kinds.count)) % 2)]
        guard !kinds.isEmpty else {
            strikes = []
            return
        }
        let first = kinds[Int(seed % UInt64(kinds.count))]
        let others = kinds.filter { $0 != first }.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
        var free: [FaultKind.Target: Double] = [:]
        var strikes: [Strike] = []
        for (kind, wish) in ([first] + others).map({ ($0, Double.random(in: Self.span, using: &random)) })
            .sorted(by: { $0.1 < $1.1 })
        {
            let seconds = Double.random(in: kind.length, using: &random)
            let choice = random.next()
            // Nodes are many: who is broken already is seen when it comes to it.
            let at = kind.target == .node ? wish : max(wish, free[kind.target] ?? 0)
            free[kind.target] = at + seconds + Self.rest
            strikes.append(Strike(kind: kind, at: at, seconds: seconds, choice: choice))
        }
        self.strikes = strikes.sorted { $0.at < $1.at }
    }

    public func has(_ kinds: FaultKind...) -> Bool { strikes.contains { kinds.contains($0.kind) } }

    /// Seconds of load.
    public var load: Double { (strikes.map { $0.at + $0.seconds }.max() ?? 0) + Self.tail }

    public var words: String {
        let list = strikes.map { "\($0.kind.rawValue) at \(Figures.decimals($0.at, 1)) s" }
        return "\(layout.rawValue): \(list.joined(separator: ", "))"
    }
}
