/// Divides whole credits by weighted max-min: each gets the same multiple of its weight, or its cap if that is less.
///
/// What whole numbers leave over goes to the largest fractions. Of those that would get nothing at all, the ones that
/// were left out longest go first (`owed`), so that a hundred shares on five credits all get their turns.
struct WaterFill: Sendable {
    struct Claimant: Sendable {
        var weight: Int
        var cap: Int
        /// Credit-seconds that it has had too little up to now; only for claimants of less than one credit.
        var owed = 0.0

        init(weight: Int, cap: Int, owed: Double = 0) {
            self.weight = weight
            self.cap = cap
            self.owed = owed
        }
    }

    /// The parts of `amount`, in the order of the claimants.
    private(set) var parts: [Int]
    /// What a claimant would get if credits could be divided; where it is below one.
    private(set) var fractions: [Double]

    init(_ amount: Int, among claimants: [Claimant]) {
        parts = Array(repeating: 0, count: claimants.count)
        fractions = Array(repeating: 0, count: claimants.count)
        guard amount > 0 else { return }
        var rest = amount
        var weights = 0
        var sum = 0
        for claimant in claimants where claimant.cap > 0 {
            weights += claimant.weight
            sum += claimant.cap
        }
        if sum <= amount {
            for index in claimants.indices { parts[index] = max(0, claimants[index].cap) }
            return
        }
        // Those whose cap is reached first, first.
        let order = claimants.indices.filter { claimants[$0].cap > 0 }.sorted { a, b in
            let (x, y) = (claimants[a].cap * claimants[b].weight, claimants[b].cap * claimants[a].weight)
            return x == y ? a < b : x < y
        }
        var start = 0
        while start < order.count {
            let claimant = claimants[order[start]]
            guard claimant.cap * weights <= rest * claimant.weight else { break }
            parts[order[start]] = claimant.cap
            rest -= claimant.cap
            weights -= claimant.weight
            start += 1
        }
        divide(rest, weights: weights, among: order[start...], of: claimants)
    }

    private mutating func divide(
        _ amount: Int,
        weights: Int,
        among order: ArraySlice<Int>,
        of claimants: [Claimant]
    ) {
        var left = amount
        var keys: [(key: Double, index: Int)] = []
        keys.reserveCapacity(order.count)
        for index in order {
            let claimant = claimants[index]
            let (whole, remainder) = (amount * claimant.weight).quotientAndRemainder(dividingBy: weights)
            parts[index] = whole
            left -= whole
            let fraction = Double(remainder) / Double(weights)
            if whole == 0 { fractions[index] = fraction }
            keys.append((whole == 0 ? fraction + claimant.owed : fraction, index))
        }
        guard left > 0 else { return }
        keys.sort { $0.key == $1.key ? $0.index < $1.index : $0.key > $1.key }
        for (_, index) in keys.prefix(left) { parts[index] += 1 }
    }
}
