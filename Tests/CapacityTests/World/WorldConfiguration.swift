import Capacity

/// An account's shares as an administrator left them, with the queues below them.
struct WorldConfiguration {
    /// A queue: a lane in one class.
    struct Queue {
        let share: Int32
        let queue: LaneQueue
        let weight: Int
    }

    let shares: [Share]
    /// By path; a share keeps its number for ever.
    let numbers: [String: Int32]
    let queues: [Queue]
    let served: Set<Int32>
    let limits: [Int32: ShareLimits]
    /// By share number: the most that it and all below it may hold.
    let ceilings: [Int32: Int]

    init(credits: Int, shares: [Share], numbers: [String: Int32], queues: [Queue]) {
        self.shares = shares
        self.numbers = numbers
        self.queues = queues
        served = Set(queues.map(\.share))
        let tree = (try? ShareTree(credits: credits, shares: shares)) ?? (try? ShareTree(credits: nil, shares: shares))
        var limits: [Int32: ShareLimits] = [:]
        var ceilings: [Int32: Int] = [:]
        for node in tree?.nodes ?? [] {
            guard let number = numbers[node.path] else { continue }
            limits[number] = ShareLimits(guarantee: node.ownRate, ceiling: node.ceiling)
            ceilings[number] = node.ceiling
        }
        self.limits = limits
        self.ceilings = ceilings
    }
}
