/// A binary min-heap of lanes by virtual time; equal times go by lane number, so that runs replay exactly.
struct LaneHeap: Sendable {
    private var items: [(time: UInt64, lane: Int32)] = []

    var isEmpty: Bool { items.isEmpty }
    var first: UInt64? { items.first?.time }

    mutating func push(time: UInt64, lane: Int32) {
        items.append((time, lane))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child] < items[parent] else { break }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func remove(_ lane: Int32) {
        let others = items.filter { $0.lane != lane }
        items = []
        for item in others { push(time: item.time, lane: item.lane) }
    }

    mutating func pop() -> (time: UInt64, lane: Int32)? {
        guard let first = items.first else { return nil }
        let last = items.removeLast()
        if items.isEmpty { return first }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child] < items[least] {
                least = child
            }
            guard least != parent else { break }
            items.swapAt(parent, least)
            parent = least
        }
        return first
    }
}
