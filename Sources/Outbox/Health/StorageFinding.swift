/// Something that is wrong with the storage, with what to do about it.
public struct StorageFinding: Hashable, Sendable {
    public enum Check: String, CaseIterable, Sendable {
        /// Dead rows cannot be removed.
        case horizon
        /// WAL cannot be removed.
        case wal
        /// A session that does nothing inside a transaction.
        case idleTransaction = "idle_transaction"
        case slowStatement = "slow_statement"
        /// Claims that nobody works on.
        case claims
        /// Unknown outcomes that wait for a person's decision.
        case held
        /// What is due was not promoted.
        case overdue
        /// Mail in a lane that no node serves.
        case unserved
        /// Days without partitions, soon.
        case partitions
        /// Events without a place in the feed.
        case feed
        /// Tables with many dead rows.
        case bloat
    }

    public enum Level: String, Sendable {
        case warning, problem
    }

    public let check: Check
    public let level: Level
    /// Such as a session, a lane or a table.
    public let object: String
    public let detail: String

    public init(check: Check, level: Level, object: String, detail: String) {
        self.check = check
        self.level = level
        self.object = object
        self.detail = detail
    }
}
