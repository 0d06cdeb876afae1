/// What a rotation believes of one queue.
struct QueueBelief: Sendable {
    /// The number of the last sign of backlog, nil when believed empty.
    private(set) var sign: UInt64?
    /// A scan found as many as it counts.
    private(set) var isLong = false
    /// Recipients that wait, by signs and claims: it may be behind the truth.
    private var counted = 0
    /// Recipients picked that no claim has answered yet.
    private var picked = 0
    /// How many to try where no more are counted. It grows while claims find more than was counted.
    private var guess = 1

    /// Recipients that wait, at least one while there is a sign of them.
    var waiting: Int { max(1, counted) }
    /// There is a sign of more than was picked.
    var mayBePicked: Bool { sign != nil && (isLong || picked < max(counted, guess)) }

    mutating func note(_ rows: RowCount, sign: UInt64) {
        self.sign = sign
        switch rows {
        case .more(let count): counted += count
        case .all(let count):
            isLong = count >= RowCount.scanned
            counted = isLong ? max(counted, count) : count
        }
        counted = min(counted, RowCount.most)
    }

    mutating func pick() { picked += 1 }

    /// A claim for `picks` recipients has brought `recipients`.
    mutating func claimed(_ recipients: Int, picks: Int) {
        picked = max(0, picked - picks)
        if recipients > counted { guess = min(2 * recipients, RowCount.scanned) }
        counted = max(0, counted - recipients)
    }

    /// A claim found no more, after the sign of that number.
    mutating func emptied(sign: UInt64) {
        if let known = self.sign, known <= sign { self = QueueBelief() }
    }

    mutating func suspend() { sign = nil }
}
