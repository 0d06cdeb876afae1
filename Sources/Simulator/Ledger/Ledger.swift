/// Every send that was counted or refused, in the order of the count instants, up to a capacity; beyond it only the
/// totals go on and `isTruncated` says so.
struct Ledger {
    /// How many calls, and how many recipients in them, had one outcome.
    struct Total: Sendable, Equatable {
        var calls = 0
        var recipients = 0
    }

    /// What a reader takes at the start, so that it sees one state of a ledger that goes on growing.
    struct Snapshot: Sendable {
        let count: Int
        let generation: Int
        let totals: [Total]
        let isTruncated: Bool
    }

    private static let chunkSize = 1 << 15
    private static let asideCapacity = 1 << 20

    private let capacity: Int
    // Chunks, so that growing never copies what is there.
    private var chunks: [[LedgerEntry]] = []
    private(set) var count = 0
    private var isTruncated = false
    private var totals = [Total](repeating: Total(), count: Outcome.allCases.count)
    /// Rises with each `clear`, so that a reader in the middle notices.
    private(set) var generation = 0
    private var aside: [String] = []
    private var asideIndex: [String: Int] = [:]

    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func append(at: Int64, outboxID: String?, attempt: Int32?, recipients: Int, outcome: Outcome) {
        totals[Int(outcome.rawValue)].calls += 1
        totals[Int(outcome.rawValue)].recipients += recipients
        guard count < capacity, let reference = reference(to: outboxID) else {
            isTruncated = true
            return
        }
        if count % Self.chunkSize == 0 {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(Self.chunkSize)
        }
        chunks[chunks.count - 1].append(
            LedgerEntry(at: at, reference: reference, attempt: attempt, recipients: recipients, outcome: outcome)
        )
        count += 1
    }

    var snapshot: Snapshot {
        Snapshot(count: count, generation: generation, totals: totals, isTruncated: isTruncated)
    }

    /// At most `limit` entries from `position` on, copied, so that the caller needs no lock to read them.
    func page(from position: Int, limit: Int) -> [LedgerEntry] {
        guard position >= 0, position < count, limit > 0 else { return [] }
        let chunk = chunks[position / Self.chunkSize]
        let start = position % Self.chunkSize
        return Array(chunk[start..<min(start + limit, chunk.count)])
    }

    /// The id's text, nil where the send had no tag.
    func text(of reference: OutboxReference) -> String? {
        guard reference.kind == .aside else { return reference.text }
        return Int(reference.low) < aside.count ? aside[Int(reference.low)] : nil
    }

    mutating func clear() {
        self = Ledger(capacity: capacity, generation: generation + 1)
    }

    private init(capacity: Int, generation: Int) {
        self.init(capacity: capacity)
        self.generation = generation
    }

    private mutating func reference(to outboxID: String?) -> OutboxReference? {
        guard let outboxID else { return OutboxReference.none }
        if let packed = OutboxReference(packing: outboxID) { return packed }
        if let known = asideIndex[outboxID] {
            return OutboxReference(kind: .aside, high: 0, low: UInt64(known))
        }
        guard aside.count < Self.asideCapacity else { return nil }
        aside.append(outboxID)
        asideIndex[outboxID] = aside.count - 1
        return OutboxReference(kind: .aside, high: 0, low: UInt64(aside.count - 1))
    }
}
