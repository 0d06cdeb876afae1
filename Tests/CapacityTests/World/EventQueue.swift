/// What happens in a simulated world, in order of time; what happens at the same time, in the order in which it was put in.
struct EventQueue {
    private struct Entry {
        let at: Int64
        let order: UInt64
        let body: () -> Void

        func isBefore(_ other: Entry) -> Bool { at == other.at ? order < other.order : at < other.at }
    }

    private var entries: [Entry] = []
    private var order: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }
    var next: Int64? { entries.first?.at }

    mutating func push(at: Int64, _ body: @escaping () -> Void) {
        order += 1
        entries.append(Entry(at: at, order: order, body: body))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].isBefore(entries[parent]) else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> (at: Int64, body: () -> Void)? {
        guard let first = entries.first else { return nil }
        let last = entries.removeLast()
        if entries.isEmpty { return (first.at, first.body) }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) { least = child }
            guard least != parent else { break }
            entries.swapAt(parent, least)
            parent = least
        }
        return (first.at, first.body)
    }
}
