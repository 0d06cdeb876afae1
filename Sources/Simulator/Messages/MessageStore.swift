/// The last accepted messages, bounded in number and bytes.
struct MessageStore {
    private let capacity: Int
    private let byteCapacity: Int
    private var messages = Ring<StoredMessage>()
    private var bytes = 0
    /// How many messages have been dropped, to keep the bounds or by `clear`.
    private(set) var dropped = 0

    init(capacity: Int, bytes: Int) {
        self.capacity = capacity
        byteCapacity = bytes
    }

    var count: Int { messages.count }

    mutating func append(_ message: StoredMessage) {
        messages.append(message)
        bytes += message.bytes
        while messages.count > capacity || bytes > byteCapacity, let oldest = messages.popFirst() {
            bytes -= oldest.bytes
            dropped += 1
        }
    }

    /// The first `limit` messages after the one with id `after`; without it, the last `limit`. Oldest first.
    func list(after id: String?, limit: Int) -> [StoredMessage] {
        guard let id else {
            return (max(0, messages.count - limit)..<messages.count).compactMap { messages[$0] }
        }
        // An id that is gone was before everything that is left.
        let start = (0..<messages.count).last { messages[$0]?.id == id }.map { $0 + 1 } ?? 0
        return (start..<min(messages.count, start + limit)).compactMap { messages[$0] }
    }

    subscript(id: String) -> StoredMessage? {
        (0..<messages.count).lazy.compactMap { messages[$0] }.last { $0.id == id }
    }

    mutating func clear() {
        dropped += messages.count
        messages.removeAll()
        bytes = 0
    }
}
