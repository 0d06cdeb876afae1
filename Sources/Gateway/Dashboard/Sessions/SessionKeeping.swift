public import Directory

/// Keeps who is signed in at the dashboards.
public protocol SessionKeeping: Sendable {
    /// Begins a session with a valid key; the token is for the browser.
    func begin(key: String) async throws -> (token: String, session: DashboardSession)
    /// Nil for one that is over or never was.
    func session(_ token: String) async throws -> DashboardSession?
    /// Which of some sessions are not over.
    func living(_ ids: [[UInt8]]) async throws -> Set<[UInt8]>
    func end(_ id: [UInt8]) async throws
}

extension SessionStore: SessionKeeping {}
