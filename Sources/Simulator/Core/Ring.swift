/// A queue over one growing circular array: append at the end, drop at the front, index from the front.
struct Ring<Element> {
    private var slots: [Element?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    var first: Element? { count == 0 ? nil : slots[head] }

    /// The element at `position` from the front, nil outside `0..<count`.
    subscript(position: Int) -> Element? {
        guard position >= 0, position < count else { return nil }
        return slots[(head + position) & (slots.count - 1)]
    }

    mutating func append(_ element: Element) {
        if count == slots.count { grow() }
        slots[(head + count) & (slots.count - 1)] = element
        count += 1
    }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head]
        slots[head] = nil
        head = (head + 1) & (slots.count - 1)
        count -= 1
        return element
    }

    mutating func removeAll() {
        slots = []
        head = 0
        count = 0
    }

    // The size is a power of two, so that a mask does for the remainder.
    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(16, slots.count * 2))
        for position in 0..<count { larger.append(self[position]) }
        while larger.count < max(16, slots.count * 2) { larger.append(nil) }
        slots = larger
        head = 0
    }
}
