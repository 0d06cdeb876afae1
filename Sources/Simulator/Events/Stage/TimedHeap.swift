/// What is to happen, the earliest first, and the first come first among those of one instant.
struct TimedHeap<Element> {
    private struct Entry {
        let due: Int64
        let order: UInt64
        let element: Element

        func precedes(_ other: Entry) -> Bool { due != other.due ? due < other.due : order < other.order }
    }

    private var entries: [Entry] = []
    private var order: UInt64 = 0

    var count: Int { entries.count }

    mutating func push(_ element: Element, due: Int64) {
        order += 1
        entries.append(Entry(due: due, order: order, element: element))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].precedes(entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first element that is due by `now`.
    mutating func pop(by now: Int64) -> Element? {
        guard let first = entries.first, first.due <= now else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].precedes(entries[least]) {
                least = child
            }
            guard least != parent else { return first.element }
            entries.swapAt(parent, least)
            parent = least
        }
    }

    mutating func removeAll() {
        entries = []
    }
}
