/// The calls of one share that are claimed and have not begun, each on one credit.
///
/// Credits are alike, so which call uses which, and when, is decided as late as can be: the call with the least tag comes
/// first. One that comes later but is further behind in the rotation takes the place of one that came before, which moves
/// back. A call begins at its slot; one that has overtaken others begins as soon as the credit is cold, for the pace of a
/// backlog is none of its business.
///
/// There are as many credits and slots as calls. Sorted, each slot is at or after the time at which its credit is cold, and
/// stays so whatever call begins or goes: that is why no credit is used before it is cold.
struct StartQueue: Sendable {
    /// A call's place in the order.
    struct Ticket: Comparable, Sendable {
        let tag: UInt64
        let number: UInt64
        /// It came before calls that were there already.
        let hasOvertaken: Bool

        static func < (a: Ticket, b: Ticket) -> Bool { (a.tag, a.number) < (b.tag, b.number) }
    }

    private var tickets: [Ticket] = []
    private var cold: [MonotonicTime] = []
    private var slots: [MonotonicTime] = []
    private var number: UInt64 = 0

    /// The tag of the call that has the last turn.
    var last: UInt64? { tickets.last?.tag }

    /// Adds a call with a credit that is cold at `coldAt` and a slot, which is not before that.
    mutating func add(tag: UInt64, coldAt: MonotonicTime, slot: MonotonicTime) -> Ticket {
        precondition(coldAt <= slot, "a slot is before its credit is cold")
        number += 1
        let ticket = Ticket(tag: tag, number: number, hasOvertaken: last.map { tag < $0 } ?? false)
        Self.insert(ticket, into: &tickets)
        Self.insert(coldAt, into: &cold)
        Self.insert(slot, into: &slots)
        return ticket
    }

    /// When a call may begin as things are now.
    func time(of ticket: Ticket) -> MonotonicTime {
        let turn = turn(of: ticket)
        return ticket.hasOvertaken ? cold[turn] : slots[turn]
    }

    /// Takes off a call that begins, with its credit and slot.
    mutating func begin(_ ticket: Ticket) {
        let turn = turn(of: ticket)
        tickets.remove(at: turn)
        cold.remove(at: turn)
        slots.remove(at: turn)
    }

    /// Takes off a call that does not begin, with the credit that is cold last: those behind it move up.
    ///
    /// - Returns: when that credit is cold.
    mutating func remove(_ ticket: Ticket) -> MonotonicTime {
        tickets.remove(at: turn(of: ticket))
        slots.removeLast()
        return cold.removeLast()
    }

    private func turn(of ticket: Ticket) -> Int {
        let turn = Self.place(of: ticket, in: tickets)
        precondition(turn < tickets.count && tickets[turn] == ticket, "a reservation was used twice")
        return turn
    }

    private static func insert<Element: Comparable>(_ element: Element, into elements: inout [Element]) {
        elements.insert(element, at: place(of: element, in: elements))
    }

    /// The first place whose element is not less.
    private static func place<Element: Comparable>(of element: Element, in elements: [Element]) -> Int {
        // Most come last.
        if elements.last.map({ $0 < element }) ?? true { return elements.count }
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
