/// Divides an account's credits among its shares: hierarchical weighted max-min (design.md section 3).
///
/// Each share gets its guarantee as far as it has a use for it, or all of it with `lend: false`; what is left over goes by
/// weight to those that have a use for more, up to their ceilings; and what nobody has a use for goes home. When there
/// are fewer credits than guarantees, all shrink in proportion.
public struct Allocation: Sendable {
    /// What one share asks for.
    public struct Demand: Sendable {
        /// Credits that it has a use for now.
        public var wanted: Int
        /// Credits that it has been granted now: idle ones stay where they are if they may.
        public var granted: Int
        /// Has lanes. The credits of a share without any are for others, unless it does not lend.
        public var isServed: Bool
        /// Credit-seconds that it has been left out for, while it is due less than one credit.
        public var owed: Double

        public init(wanted: Int = 0, granted: Int = 0, isServed: Bool = true, owed: Double = 0) {
            self.wanted = wanted
            self.granted = granted
            self.isServed = isServed
            self.owed = owed
        }
    }

    /// For each share's own lanes, by its index in the tree.
    public private(set) var targets: [Int]
    /// For each share with all below it; `targets` and what stays in it unused.
    public private(set) var parts: [Int]
    /// By index: what a share that is due less than one credit would get if credits could be divided; else 0.
    public private(set) var fractions: [Double]
    /// By index: whether the share, or one below it, has a use for credits.
    public private(set) var isDue: [Bool] = []
    /// By index: credits that each share has been granted now, with all below it.
    public private(set) var granted: [Int]
    /// Credits beyond what is promised to shares that have a use for it: only they are lent, or kept in reserve.
    private var unpromised = 0
    /// Credits kept back for idle shares that have lent all they have.
    public private(set) var reserve = 0

    /// - Parameters:
    ///   - credits: what the account has now.
    ///   - demands: by index of the tree.
    public init(credits: Int, tree: ShareTree, demands: [Demand]) {
        targets = []
        parts = []
        fractions = []
        granted = Self.sums(tree, demands)
        divide(credits, tree, demands)
        let reserve = reserve(of: credits, tree: tree, demands: demands)
        if reserve > 0 {
            self.reserve = reserve
            divide(credits - reserve, tree, demands)
        }
    }

    /// One credit in a hundred waits for the idle shares that have lent everything, so that the first message of the
    /// next one to wake leaves at once.
    private func reserve(of credits: Int, tree: ShareTree, demands: [Demand]) -> Int {
        guard credits >= 20 else { return 0 }
        var lent = 0
        for (index, node) in tree.nodes.enumerated()
        where demands[index].isServed && demands[index].wanted == 0 && targets[index] == 0 {
            lent += node.ownRate
        }
        return max(0, min(lent, max(1, credits / 100), unpromised))
    }

    private mutating func divide(_ credits: Int, _ tree: ShareTree, _ demands: [Demand]) {
        let nodes = tree.nodes
        targets = Array(repeating: 0, count: nodes.count)
        fractions = Array(repeating: 0, count: nodes.count)
        parts = targets
        let (own, subtree) = Self.uses(tree, demands)
        isDue = subtree.map { $0 > 0 }
        parts[0] = credits
        for index in nodes.indices {
            split(index, tree, own: own[index], subtree: subtree, demands)
        }
        sendHome(credits - targets.reduce(0, +), tree, demands)
    }

    /// How many credits each share has a use for, for its own lanes and with all below it.
    private static func uses(_ tree: ShareTree, _ demands: [Demand]) -> (own: [Int], subtree: [Int]) {
        var own = Array(repeating: 0, count: tree.nodes.count)
        var subtree = own
        for index in tree.nodes.indices.reversed() {
            let node = tree.nodes[index]
            let wanted = demands[index].isServed ? demands[index].wanted : 0
            own[index] = min(node.ceiling, node.lend ? wanted : max(wanted, node.ownRate))
            subtree[index] = min(node.ceiling, max(subtree[index] + own[index], node.lend ? 0 : node.rate))
            if let parent = node.parent { subtree[parent] += subtree[index] }
        }
        return (own, subtree)
    }

    /// What each share has been granted with all below it.
    private static func sums(_ tree: ShareTree, _ demands: [Demand]) -> [Int] {
        var sums = demands.map(\.granted)
        for index in tree.nodes.indices.reversed() {
            if let parent = tree.nodes[index].parent { sums[parent] += sums[index] }
        }
        return sums
    }

    /// How long a turn is at least, in credit-seconds: a credit takes more than a second to change hands.
    private static let turn = 2.0

    /// Divides what a share may hold between its own lanes and its children.
    private mutating func split(
        _ index: Int,
        _ tree: ShareTree,
        own: Int,
        subtree: [Int],
        _ demands: [Demand]
    ) {
        let children = tree.children(of: index)
        if children.isEmpty {
            targets[index] = min(parts[index], own)
            if index == 0 { unpromised = parts[index] - targets[index] }
            return
        }
        let node = tree.nodes[index]
        var firsts = [min(own, node.ownRate)]
        var claimants = [
            WaterFill.Claimant(
                weight: max(1, node.ownRate),
                cap: own,
                owed: demands[index].granted > 0 ? Self.turn : 0
            )
        ]
        for child in children {
            firsts.append(min(subtree[child], tree.nodes[child].rate))
            claimants.append(
                WaterFill.Claimant(
                    weight: tree.nodes[child].weight,
                    cap: subtree[child],
                    owed: demands[child].owed + (granted[child] > 0 ? Self.turn : 0)
                )
            )
        }
        let promised = firsts.reduce(0, +)
        let isShort = promised > parts[index]
        if index == 0 { unpromised = parts[index] - promised }
        if isShort {
            claimants[0].weight = max(1, node.ownRate)
            for (place, child) in children.enumerated() {
                claimants[place + 1].weight = max(1, tree.nodes[child].rate)
            }
        }
        for place in firsts.indices {
            claimants[place].cap = isShort ? firsts[place] : claimants[place].cap - firsts[place]
        }
        let fill = WaterFill(isShort ? parts[index] : parts[index] - promised, among: claimants)
        let given = isShort ? fill.parts : zip(firsts, fill.parts).map(+)
        targets[index] = given[0]
        for (place, child) in children.enumerated() {
            parts[child] = given[place + 1]
            if isShort || firsts[place + 1] == 0 { fractions[child] = fill.fractions[place + 1] }
        }
    }

    /// Credits without a use go to their owners, first where they already are.
    private mutating func sendHome(_ credits: Int, _ tree: ShareTree, _ demands: [Demand]) {
        guard credits > 0 else { return }
        var left = credits
        var room = tree.nodes.map(\.ceiling)
        for index in tree.nodes.indices { tree.forEachAncestor(of: index) { room[$0] -= targets[index] } }
        for keepsPlace in [true, false] {
            for (index, node) in tree.nodes.enumerated() where left > 0 && demands[index].isServed {
                var part = node.ownRate - targets[index]
                if keepsPlace { part = min(part, demands[index].granted - targets[index]) }
                tree.forEachAncestor(of: index) { part = min(part, room[$0]) }
                part = min(part, left)
                guard part > 0 else { continue }
                targets[index] += part
                left -= part
                tree.forEachAncestor(of: index) { room[$0] -= part }
            }
        }
    }
}
