import Capacity
import Testing

@Suite("Allocation over share trees")
struct AllocationTests {
    typealias Demand = Allocation.Demand

    static func targets(_ credits: Int, _ shares: [Share], _ wanted: [Int], granted: [Int]? = nil) throws -> Allocation
    {
        let tree = try ShareTree(credits: nil, shares: shares)
        let granted = granted ?? wanted.map { _ in 0 }
        return Allocation(
            credits: credits,
            tree: tree,
            demands: zip(wanted, granted).map { Demand(wanted: $0, granted: $1) }
        )
    }

    /// A tree of up to three levels, its rates' sum within `rate`.
    static func shares(rate: Int, depth: Int, using pick: inout SeededGenerator) -> [Share] {
        var left = rate
        return (0..<Int.random(in: 1...4, using: &pick)).map { index in
            let own = Int.random(in: 0...left, using: &pick)
            left -= own
            let ceiling: Share.Ceiling =
                switch Int.random(in: 0...2, using: &pick) {
                case 0 where own > 0: .rate
                case 1: .credits(max(1, own) + Int.random(in: 0...20, using: &pick))
                default: .parent
                }
            return Share(
                name: "s\(index)",
                rate: own,
                ceiling: ceiling,
                weight: Int.random(in: 1...9, using: &pick),
                lend: Int.random(in: 0...3, using: &pick) > 0,
                children: depth > 0 && Bool.random(using: &pick)
                    ? shares(rate: own, depth: depth - 1, using: &pick) : []
            )
        }
    }

    @Test(
        "Never above a ceiling or the quota; guarantees first; nothing idle that somebody could use",
        arguments: 0..<300
    )
    func properties(seed: UInt64) throws {
        var pick = SeededGenerator(seed: seed)
        let credits = Int.random(in: 1...120, using: &pick)
        let tree = try ShareTree(credits: credits, shares: Self.shares(rate: credits, depth: 2, using: &pick))
        let demands = tree.nodes.map { _ in
            Demand(
                wanted: Bool.random(using: &pick) ? 0 : Int.random(in: 1...150, using: &pick),
                granted: Int.random(in: 0...5, using: &pick),
                isServed: Int.random(in: 0...9, using: &pick) > 0
            )
        }
        let allocation = Allocation(credits: credits, tree: tree, demands: demands)
        let targets = allocation.targets
        #expect(targets.reduce(0, +) + allocation.reserve <= credits)
        var sums = targets
        for index in tree.nodes.indices.reversed() {
            if let parent = tree.nodes[index].parent { sums[parent] += sums[index] }
        }
        for (index, node) in tree.nodes.enumerated() {
            #expect(targets[index] >= 0 && sums[index] <= node.ceiling, "\(node.path) is above its ceiling")
            let wanted = demands[index].isServed ? demands[index].wanted : 0
            #expect(targets[index] >= min(wanted, node.ownRate), "\(node.path) lacks of its guarantee")
            if !node.lend { #expect(targets[index] >= node.ownRate, "\(node.path) does not lend") }
            #expect(targets[index] <= max(wanted, node.ownRate), "\(node.path) has more than it has a use for")
        }
        // Work conservation: who wants more has no room below some ceiling, or what is left is the reserve or kept.
        let free = credits - targets.reduce(0, +) - allocation.reserve
        let keepers = tree.nodes.contains { !$0.lend }
        for (index, node) in tree.nodes.enumerated() where !keepers && free > 0 && demands[index].isServed {
            guard targets[index] < demands[index].wanted else { continue }
            var next: Int? = index
            var hasRoom = true
            while let ancestor = next {
                hasRoom = hasRoom && sums[ancestor] < tree.nodes[ancestor].ceiling
                next = tree.nodes[ancestor].parent
            }
            #expect(!hasRoom, "\(node.path) waits although \(free) are free")
        }
    }

    @Test("Without demand every share has its own rate")
    func idle() throws {
        let allocation = try Self.targets(50, ShareTreeTests.example, [0, 0, 0, 0, 0])
        #expect(allocation.targets == [0, 30, 4, 6, 10])
        #expect(allocation.reserve == 0)
    }

    @Test("A quota below the guarantees shrinks all of them in proportion and is used whole", arguments: 1..<50)
    func shrunk(credits: Int) throws {
        let tree = try ShareTree(credits: 50, shares: ShareTreeTests.example)
        let parts = Allocation(credits: credits, tree: tree, demands: tree.nodes.map { Demand(wanted: $0.ownRate) })
            .targets
        #expect(parts.reduce(0, +) == credits)
        for (part, node) in zip(parts, tree.nodes) {
            #expect(abs(Double(part) - Double(node.ownRate * credits) / 50) < 1.5)
        }
    }

    @Test("What a guarantee has shrunk to is the share's, however little it wants of it")
    func shrunkSmall() throws {
        let shares = [Share(name: "a", rate: 30), Share(name: "b", rate: 30)]
        #expect(try Self.targets(20, shares, [0, 30, 3]).targets == [0, 17, 3])
    }

    @Test("One in a hundred waits for who has lent all; a share that does not lend keeps its own")
    func reserve() throws {
        let shares = [
            Share(name: "a", rate: 50, ceiling: .parent), Share(name: "b", rate: 100),
            Share(name: "c", rate: 50, lend: false),
        ]
        let allocation = try Self.targets(200, shares, [0, 300, 0, 0])
        #expect(allocation.reserve == 2)
        #expect(allocation.targets == [0, 148, 0, 50])
        #expect(
            try Self.targets(19, [Share(name: "a", rate: 0, ceiling: .parent), Share(name: "b", rate: 9)], [0, 99, 0])
                .reserve == 0
        )
    }

    @Test("Idle credits stay where they are, and demand in small changes moves nothing that it need not")
    func stays() throws {
        let shares = (0..<4).map { Share(name: "s\($0)", rate: 25, ceiling: .parent) }
        let granted = [0, 40, 20, 20, 20]
        // s0 borrows 15, and the others are idle: it is theirs again when nobody wants more.
        let first = try Self.targets(100, shares, [0, 40, 1, 0, 0], granted: granted)
        #expect(first.targets == granted)
    }
}
