/// What was said about whom and whether it got there, in about 100 bytes a message: what a run's statuses are compared
/// with. Beyond its capacity it says `isTruncated`.
struct EventLedger: Sendable {
    struct Totals: Equatable, Sendable {
        var said = 0
        var delivered = 0
        var lost = 0
        var doubtful = 0
    }

    private static let textCapacity = Int(UInt32.max)

    private let capacity: Int
    private(set) var recipients = Chunks<RecipientRecord>()
    private(set) var events = Chunks<EventRecord>()
    private(set) var totals = Totals()
    private(set) var isTruncated = false
    /// Rises with each `clear`, so that whoever holds places in it notices.
    private(set) var generation = 0
    private var text = Chunks<UInt8>()
    private var aside: [String] = []

    /// `capacity`: how many recipients it keeps, and eight times as many events.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Takes up a message with the number of events that are planned for each recipient; answers the recipients' places.
    mutating func add(_ send: AcceptedSend, recipients bare: [String], last: [EventKind], pending: [Int]) -> Range<Int>?
    {
        let bytes = bare.reduce(0) { $0 + $1.utf8.count }
        guard recipients.count + bare.count <= capacity, text.count + bytes <= Self.textCapacity else {
            isTruncated = true
            return nil
        }
        let reference = reference(to: send.submission.outboxID)
        let start = recipients.count
        for (place, address) in bare.enumerated() {
            let offset = UInt32(text.count)
            for byte in address.utf8 { text.append(byte) }
            recipients.append(
                RecipientRecord(
                    reference: reference,
                    messageID: send.id,
                    address: offset..<UInt32(text.count),
                    last: last[place],
                    certain: StatusSet(send.isAnswered ? .sent : .unknown),
                    pending: UInt8(clamping: pending[place])
                )
            )
        }
        return start..<recipients.count
    }

    /// Writes down an event about some recipients; answers the places of its entries.
    mutating func say(_ kind: EventKind, about places: [Int], at now: Int64) -> Range<Int>? {
        totals.said += 1
        guard events.count + places.count <= capacity * 8 else {
            isTruncated = true
            return nil
        }
        let start = events.count
        for place in places {
            events.append(EventRecord(at: now, recipient: UInt32(place), kind: kind, state: .pending))
            recipients[place].possible.insert(StatusSet(kind.status))
        }
        return start..<events.count
    }

    /// Notes how an event ended. `about` are its recipients' places, `entries` what `say` answered. `proves`: whether a
    /// receiver must take it for its status; an automatic answer may be a bounce to one and nothing to another.
    mutating func end(
        _ kind: EventKind,
        _ state: EventRecord.State,
        about places: [Int],
        entries: Range<Int>?,
        proves: Bool = true
    ) {
        switch state {
        case .pending: return
        case .delivered: totals.delivered += 1
        case .lost: totals.lost += 1
        case .doubtful: totals.doubtful += 1
        }
        if let entries { for entry in entries { events[entry].state = state } }
        for place in places {
            var record = recipients[place]
            if record.pending > 0 { record.pending -= 1 }
            let status = StatusSet(kind.status)
            if state == .delivered, proves { record.certain.insert(status) }
            if state == .lost { record.possible.remove(status) }
            recipients[place] = record
        }
    }

    mutating func clear() {
        let generation = generation
        self = EventLedger(capacity: capacity)
        self.generation = generation + 1
    }

    func address(of record: RecipientRecord) -> String {
        String(decoding: record.address.map { text[Int($0)] }, as: UTF8.self)
    }

    func outboxID(of record: RecipientRecord) -> String? {
        guard record.reference.kind == .aside else { return record.reference.text }
        return aside[Int(record.reference.low)]
    }

    private mutating func reference(to outboxID: String?) -> OutboxReference {
        guard let outboxID else { return .none }
        if let packed = OutboxReference(packing: outboxID) { return packed }
        // Only a foreign program has such ids; one slot per message, bounded by the capacity.
        aside.append(outboxID)
        return OutboxReference(kind: .aside, high: 0, low: UInt64(aside.count - 1))
    }
}
