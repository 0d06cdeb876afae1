import Foundation
public import Postgres
import Signing

/// Keeps who is signed in at the dashboards.
public struct SessionStore: Sendable {
    /// Of one key; beyond, the one that ends first is ended.
    private static let maximumPerKey: Int64 = 20
    private static let tokenBytes = 32
    /// Those that are over are removed by and by, some with each that begins.
    private static let swept: Int64 = 100

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// How long a session lasts at most, and how long without being used.
    public static let lifetime = Duration.seconds(12 * 3600)
    public static let idleTime = Duration.seconds(3600)

    /// Begins a session of whoever has `key`, which was found to be valid.
    ///
    /// - Returns: the token for the browser, which is kept nowhere else.
    public func begin(key: String) async throws -> (token: String, session: DashboardSession) {
        let token = SecureRandom.bytes(Self.tokenBytes)
        let keyHash = APIKey.hash(key)
        let rows = try await pool.query(
            """
            WITH ended AS (
                DELETE FROM dashboard_session WHERE token_hash IN (
                    SELECT token_hash FROM dashboard_session WHERE expires_at < now()
                    ORDER BY expires_at LIMIT \(Self.swept) FOR UPDATE SKIP LOCKED
                )
            ), surplus AS (
                DELETE FROM dashboard_session WHERE token_hash IN (
                    SELECT token_hash FROM dashboard_session WHERE key_hash = \(keyHash)
                    ORDER BY expires_at DESC OFFSET \(Self.maximumPerKey - 1)
                )
            )
            INSERT INTO dashboard_session (token_hash, key_hash, expires_at, idle_at)
            VALUES (\(SHA256.hash(token)), \(keyHash), now() + make_interval(secs => \(Self.lifetime / .seconds(1))),
                    now() + make_interval(secs => \(Self.idleTime / .seconds(1))))
            RETURNING expires_at
            """
        ).decode(Date.self)
        let session = DashboardSession(token: token, keyHash: keyHash, expiresAt: rows.first ?? .distantPast)
        return (Hex.encode(token), session)
    }

    /// The session of a browser's token, which is thereby used; nil for one that is over or never was.
    public func session(_ token: String) async throws -> DashboardSession? {
        guard token.utf8.count == 2 * Self.tokenBytes, let token = Hex.decode(token) else { return nil }
        let rows = try await pool.query(
            """
            SELECT key_hash, expires_at, idle_at < now() + make_interval(secs => \(Self.touchBefore))
            FROM dashboard_session WHERE token_hash = \(SHA256.hash(token)) AND expires_at > now() AND idle_at > now()
            """
        ).decode([UInt8].self, Date.self, Bool.self)
        guard let (keyHash, expiresAt, isStale) = rows.first else { return nil }
        let session = DashboardSession(token: token, keyHash: keyHash, expiresAt: expiresAt)
        if isStale { try await touch([session.id]) }
        return session
    }

    /// Which of some sessions are not over; those are thereby used.
    public func living(_ ids: [[UInt8]]) async throws -> Set<[UInt8]> {
        let rows = try await pool.query(
            """
            SELECT token_hash, idle_at < now() + make_interval(secs => \(Self.touchBefore))
            FROM dashboard_session WHERE token_hash = ANY (\(ids)) AND expires_at > now() AND idle_at > now()
            """
        ).decode([UInt8].self, Bool.self)
        let stale = rows.filter(\.1).map(\.0)
        if !stale.isEmpty { try await touch(stale) }
        return Set(rows.map(\.0))
    }

    public func end(_ id: [UInt8]) async throws {
        _ = try await pool.query("DELETE FROM dashboard_session WHERE token_hash = \(id)")
    }

    /// A use is written once a minute at most.
    private static var touchBefore: Double { idleTime / .seconds(1) - 60 }

    private func touch(_ ids: [[UInt8]]) async throws {
        _ = try await pool.query(
            """
            UPDATE dashboard_session SET idle_at = now() + make_interval(secs => \(Self.idleTime / .seconds(1)))
            WHERE token_hash = ANY (\(ids))
            """
        )
    }
}
