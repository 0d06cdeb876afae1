/// Items of several parties that wait, handed out in turn: of each party about as many units, in the order in which its own
/// came. So who waits behind a stranger's thousand waits no longer than beside one of them.
struct FairQueue<Item> {
    /// Units that a party gets in its turn; what it has not used for an item that is larger, it keeps.
    private static var quantum: Int { 8 }

    private struct Party {
        var items: [(item: Item, units: Int)] = []
        var first = 0
        var credit = 0

        var next: (item: Item, units: Int)? { first < items.count ? items[first] : nil }

        mutating func dropFirst() {
            first += 1
            if first >= 64, first * 2 >= items.count {
                items.removeFirst(first)
                first = 0
            }
        }
    }

    private var parties: [Int32?: Party] = [:]
    /// Whose turn it is, from `front` on.
    private var turns: [Int32?] = []
    private var front = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ item: Item, units: Int, party: Int32?) {
        count += 1
        if parties[party] == nil { turns.append(party) }
        parties[party, default: Party()].items.append((item, units))
    }

    /// Hands out items while `fits` takes them. The one that it does not take is the next one of the next time.
    mutating func take(while fits: (Item) -> Bool) -> [Item] {
        var taken: [Item] = []
        while front < turns.count {
            let key = turns[front]
            let isAlone = front == turns.count - 1
            // Taken out, so that it is changed in place.
            guard var party = parties.removeValue(forKey: key) else {
                front += 1
                continue
            }
            party.credit += Self.quantum
            while let (item, units) = party.next, isAlone || units <= party.credit {
                guard fits(item) else {
                    party.credit = max(0, party.credit - Self.quantum)
                    parties[key] = party
                    return taken
                }
                party.dropFirst()
                party.credit -= units
                count -= 1
                taken.append(item)
            }
            endTurn(of: key, party)
        }
        return taken
    }

    private mutating func endTurn(of key: Int32?, _ party: Party) {
        front += 1
        if party.next != nil {
            parties[key] = party
            turns.append(key)
        }
        if front >= 64, front * 2 >= turns.count {
            turns.removeFirst(front)
            front = 0
        }
    }
}
