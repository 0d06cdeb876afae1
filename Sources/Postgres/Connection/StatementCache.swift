/// Which prepared statements the server has for one connection; the least recently used goes first.
struct StatementCache {
    /// The same text with values of other types is another statement.
    struct Key: Hashable {
        var text: String
        var types: [PostgresOID]

        init(_ sql: SQL) {
            text = sql.text
            types = sql.binds.map(\.type)
        }
    }

    private struct Entry {
        var name: String
        var lastUse: UInt64
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0
    private var names: UInt64 = 0
    /// Statements that the server still has and nobody uses any more.
    private(set) var discarded: [String] = []

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var count: Int { entries.count }

    /// The name of a statement that the server has.
    mutating func name(for key: Key) -> String? {
        guard entries[key] != nil else { return nil }
        uses += 1
        entries[key]?.lastUse = uses
        return entries[key]?.name
    }

    /// A name for a statement that is about to be prepared. Makes room for it.
    mutating func add(_ key: Key) -> String {
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            discard(oldest.key)
        }
        uses += 1
        names += 1
        let name = "s\(names)"
        entries[key] = Entry(name: name, lastUse: uses)
        return name
    }

    /// Forgets a statement that the server did not take.
    mutating func remove(_ key: Key) {
        entries[key] = nil
    }

    /// Forgets a statement that the server has, and remembers to free it.
    mutating func discard(_ key: Key) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        discarded.append(entry.name)
    }

    /// The server has freed the statement.
    mutating func freed(_ name: String) {
        discarded.removeAll { $0 == name }
    }

    /// Forgets everything, because the server has: after `DISCARD`, say.
    mutating func removeAll() {
        entries = [:]
        discarded = []
    }
}
