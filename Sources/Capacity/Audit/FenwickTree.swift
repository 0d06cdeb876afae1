/// Sums over prefixes of an array whose elements grow, each in logarithmic time.
struct FenwickTree {
    private var nodes: [Int]
    private(set) var total = 0

    init(count: Int) {
        nodes = Array(repeating: 0, count: count + 1)
    }

    mutating func add(_ value: Int, at index: Int) {
        total += value
        var node = index + 1
        while node < nodes.count {
            nodes[node] += value
            node += node & -node
        }
    }

    /// The sum of the first `count` elements.
    func sum(below count: Int) -> Int {
        var sum = 0
        var node = count
        while node > 0 {
            sum += nodes[node]
            node -= node & -node
        }
        return sum
    }
}
