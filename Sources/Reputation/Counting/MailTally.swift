/// Counts over sliding windows, in some fifty numbers however much is counted. Pure: times are seconds since 1970.
///
/// Hour and day slide by slots of five minutes and of an hour, so they hold up to one slot more than their names say. The volume
/// slides by blocks of a tenth of it.
public struct MailTally: Hashable, Sendable {
    static let volume = 10_000
    private static let block = volume / 10

    struct Slot: Hashable, Sendable {
        /// Of the slot since 1970; of a block of the volume, since the tally began.
        var number: Int64
        var counts: MailCounts
    }

    private struct Scale {
        let width: Int64
        let slots: Int64
    }

    private static let hourScale = Scale(width: 300, slots: 12)
    private static let dayScale = Scale(width: 3600, slots: 24)

    /// In order of their numbers.
    private(set) var hour: [Slot] = []
    private(set) var day: [Slot] = []
    private(set) var blocks: [Slot] = []
    /// What comes back of mail that was sent before is not counted here (`EvidenceStatement` heeds it): the tally was begun anew.
    private(set) var begin: Int64?

    public init(from begin: Int64? = nil) {
        self.begin = begin
    }

    init(hour: [Slot], day: [Slot], blocks: [Slot], from begin: Int64? = nil) {
        self.hour = hour
        self.day = day
        self.blocks = blocks
        self.begin = begin
    }

    /// Counts what was learned at a time; times may come out of order.
    public mutating func add(_ counts: MailCounts, at time: Int64) {
        Self.add(counts, at: time, to: &hour, Self.hourScale)
        Self.add(counts, at: time, to: &day, Self.dayScale)
        addToVolume(counts)
    }

    /// Takes what is dated after now for now's: the clock that dated it was ahead and has been set back. Else it would stay in the
    /// windows, and keep what is new out of them, until that time has come.
    mutating func redate(now: Int64) {
        Self.redate(&hour, Self.hourScale, now: now)
        Self.redate(&day, Self.dayScale, now: now)
        begin = begin.map { min($0, now) }
    }

    /// What is counted in a window that ends now.
    public func counts(_ window: CountWindow, now: Int64) -> MailCounts {
        switch window {
        case .hour: Self.sum(hour, Self.hourScale, now: now)
        case .day: Self.sum(day, Self.dayScale, now: now)
        case .volume: blocks.reduce(MailCounts()) { $0 + $1.counts }
        }
    }

    private static func add(_ counts: MailCounts, at time: Int64, to slots: inout [Slot], _ scale: Scale) {
        let number = time / scale.width
        let place = slots.lastIndex { $0.number <= number }
        if let place, slots[place].number == number {
            slots[place].counts += counts
        } else {
            slots.insert(Slot(number: number, counts: counts), at: place.map { $0 + 1 } ?? 0)
        }
        let newest = slots.last?.number ?? number
        slots.removeAll { $0.number < newest - scale.slots }
    }

    private static func redate(_ slots: inout [Slot], _ scale: Scale, now: Int64) {
        let present = now / scale.width
        guard let last = slots.last, last.number > present else { return }
        let early = slots.filter { $0.number > present }
        slots.removeAll { $0.number > present }
        for slot in early { add(slot.counts, at: now, to: &slots, scale) }
    }

    private static func sum(_ slots: [Slot], _ scale: Scale, now: Int64) -> MailCounts {
        let oldest = now / scale.width - scale.slots
        return slots.reduce(MailCounts()) { $1.number >= oldest ? $0 + $1.counts : $0 }
    }

    private mutating func addToVolume(_ counts: MailCounts) {
        if let last = blocks.last, last.counts.sent < Self.block {
            blocks[blocks.count - 1].counts += counts
        } else {
            blocks.append(Slot(number: (blocks.last?.number ?? 0) + 1, counts: counts))
        }
        var sent = blocks.reduce(0) { $0 + $1.counts.sent }
        while let first = blocks.first, sent - first.counts.sent >= Self.volume {
            sent -= first.counts.sent
            blocks.removeFirst()
        }
    }
}

/// As `reputation.tally` keeps it: each slot as its number and its three counts.
extension MailTally: Codable {
    private enum Keys: String, CodingKey {
        case hour, day, volume
        case begin = "from"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Keys.self)
        func slots(_ key: Keys) throws -> [Slot] {
            try members.decode([[Int64]].self, forKey: key).map { numbers in
                guard numbers.count == 4 else {
                    throw DecodingError.dataCorruptedError(
                        forKey: key,
                        in: members,
                        debugDescription: "a slot has four numbers"
                    )
                }
                return Slot(
                    number: numbers[0],
                    counts: MailCounts(
                        sent: Int(numbers[1]),
                        bounced: Int(numbers[2]),
                        complained: Int(numbers[3])
                    )
                )
            }
        }
        self.init(
            hour: try slots(.hour),
            day: try slots(.day),
            blocks: try slots(.volume),
            from: try members.decodeIfPresent(Int64.self, forKey: .begin)
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Keys.self)
        func numbers(_ slots: [Slot]) -> [[Int64]] {
            slots.map { [$0.number, Int64($0.counts.sent), Int64($0.counts.bounced), Int64($0.counts.complained)] }
        }
        try members.encode(numbers(hour), forKey: .hour)
        try members.encode(numbers(day), forKey: .day)
        try members.encode(numbers(blocks), forKey: .volume)
        try members.encodeIfPresent(begin, forKey: .begin)
    }
}
