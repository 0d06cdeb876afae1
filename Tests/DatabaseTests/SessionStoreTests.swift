import Foundation
import Postgres
import Testing

@testable import Directory

/// Who is signed in at the dashboards.
@Suite("Sessions", .timeLimit(.minutes(5)))
struct SessionStoreTests {
    @Test("A session is found by its token and by nothing else, confirms its own token only, and ends")
    func life() async throws {
        try await withDatabase { pool in
            let store = SessionStore(pool: pool)
            let (token, session) = try await store.begin(key: "sa_key")
            #expect(session.keyHash == APIKey.hash("sa_key"))
            let found = try #require(try await store.session(token))
            #expect(found == session)
            #expect(found.isConfirmed(by: session.csrfToken))
            let (otherToken, other) = try await store.begin(key: "sa_key")
            #expect(otherToken != token && other.csrfToken != session.csrfToken)
            #expect(!found.isConfirmed(by: other.csrfToken) && !found.isConfirmed(by: ""))
            for wrong in ["", "x", String(token.dropLast()), String(repeating: "0", count: 64), session.csrfToken] {
                #expect(try await store.session(wrong) == nil)
            }
            #expect(try await store.living([session.id, other.id, [1]]) == [session.id, other.id])
            try await store.end(session.id)
            #expect(try await store.session(token) == nil)
            #expect(try await store.living([session.id, other.id]) == [other.id])
            let stored = try await pool.query("SELECT token_hash FROM dashboard_session").decode([UInt8].self)
            #expect(stored == [other.id], "the token itself is nowhere")
        }
    }

    @Test("It ends after its time, and earlier when it is not used; use keeps it")
    func times() async throws {
        try await withDatabase { pool in
            let store = SessionStore(pool: pool)
            let (token, session) = try await store.begin(key: "sa_key")
            let left = session.expiresAt.timeIntervalSinceNow
            #expect(left > 11.9 * 3600 && left < 12.1 * 3600)
            _ = try await pool.query("UPDATE dashboard_session SET idle_at = now() + interval '1 minute'")
            #expect(try await store.session(token) != nil)
            let isKept = try await pool.query("SELECT idle_at > now() + interval '50 minutes' FROM dashboard_session")
                .decode(Bool.self)
            #expect(isKept == [true])
            _ = try await pool.query("UPDATE dashboard_session SET idle_at = now()")
            #expect(try await store.session(token) == nil)
            _ = try await pool.query(
                "UPDATE dashboard_session SET idle_at = now() + interval '1 hour', expires_at = now()"
            )
            #expect(try await store.session(token) == nil)
        }
    }

    @Test("Of one key there are twenty at most, and those that are over go")
    func bounds() async throws {
        try await withDatabase { pool in
            let store = SessionStore(pool: pool)
            let (first, _) = try await store.begin(key: "sa_one")
            for _ in 0..<20 { _ = try await store.begin(key: "sa_one") }
            #expect(try await store.session(first) == nil)
            _ = try await pool.query("UPDATE dashboard_session SET expires_at = now() - interval '1 second'")
            let (last, _) = try await store.begin(key: "sa_two")
            #expect(try await pool.query("SELECT FROM dashboard_session").count == 1)
            #expect(try await store.session(last) != nil)
        }
    }
}
