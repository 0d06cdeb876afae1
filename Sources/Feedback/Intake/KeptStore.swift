import FoundationEssentials
import Postgres
import Synchronization

/// Keeps what can never be applied for the operator to see: the last 1,000 of each account, and of what names no account.
final class KeptStore: Sendable {
    static let most: Int64 = 1000
    static let longestBody = 16 << 10
    private static let longestText = 1024
    private static let strangersEvery = Duration.seconds(1)

    private let pool: PostgresPool
    private let now: @Sendable () -> ContinuousClock.Instant
    /// When a sender who is not known may be kept again.
    private let nextStranger: Mutex<ContinuousClock.Instant>

    init(pool: PostgresPool, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.pool = pool
        self.now = now
        nextStranger = Mutex(now())
    }

    /// Returns once it is committed.
    func keep(_ kept: KeptNotification) async throws {
        _ = try await pool.query(Self.insertion(of: kept))
    }

    static func insertion(of kept: KeptNotification) -> SQL {
        let owned: SQL = kept.accountID.map { "account_id = \($0)" } ?? "account_id IS NULL"
        return """
            WITH new AS (
                INSERT INTO feedback_kept (account_id, source, reason, detail, body)
                VALUES (\(kept.accountID), \(text(Array(kept.source.utf8), longestText)),
                        \(text(Array(kept.reason.utf8), longestText)), \(text(Array(kept.detail.utf8), longestText)),
                        \(text(kept.body, longestBody)))
            )
            DELETE FROM feedback_kept WHERE \(owned) AND id <= (
                SELECT id FROM feedback_kept WHERE \(owned) ORDER BY account_id DESC, id DESC
                OFFSET \(most - 1) LIMIT 1
            )
            """
    }

    /// Keeps what came from a sender who is not known, one a second on this node, so that nobody floods the table. Returns
    /// whether it was kept.
    func keepStranger(_ kept: KeptNotification) async throws -> Bool {
        let isNext = nextStranger.withLock { next in
            let now = now()
            guard now >= next else { return false }
            next = now + Self.strangersEvery
            return true
        }
        guard isNext else { return false }
        try await keep(kept)
        return true
    }

    /// The beginning of `bytes` as text that the database takes.
    static func text(_ bytes: [UInt8], _ longest: Int) -> String {
        var text = String(decoding: bytes.prefix(longest), as: UTF8.self).replacing("\0", with: "\u{FFFD}")
        while text.utf8.count > longest { text.removeLast() }
        return text
    }
}
