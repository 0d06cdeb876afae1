import Directory
import FoundationEssentials
import Hummingbird

/// By what a request shows whose it is: a key, or the session that was begun with one.
enum RequestKey: Sendable {
    case bearer(String)
    case session(DashboardSession)

    /// Nil where it shows nothing.
    ///
    /// - Parameter gate: of sessions; nil: there are none here.
    /// - Throws: problem `missing_scope` for a session's change that did not come from the dashboard.
    static func find(_ request: Request, _ context: GatewayContext, gate: SessionGate?) async throws -> RequestKey? {
        if let key = BearerKey.find(in: request.headers) { return .bearer(key) }
        return try await gate?.sessionOfCall(request, context).map(RequestKey.session)
    }
}

extension DirectorySnapshot {
    /// The key that a request carries.
    ///
    /// - Throws: problem `invalid_key` that says what is wrong with it, as far as its holder may know.
    func key(_ key: RequestKey, at now: Date) throws(Problem) -> KeyRecord {
        let finding =
            switch key {
            case .bearer(let text): find(key: text, at: now)
            case .session(let session): find(hash: session.keyHash, at: now)
            }
        switch finding {
        case .valid(let record):
            if case .session(let session) = key, session.expiresAt <= now { throw Problem.sessionEnded() }
            return record
        case .expired(let date): throw Problem.invalidKey("the key expired at \(RFC3339.text(date)); use another one")
        case .unknown: throw Problem.invalidKey("the key is not known, or was revoked")
        case .malformed: throw Problem.invalidKey("this is no key: it is mistyped or cut off, as its checksum shows")
        }
    }
}

extension Problem {
    static func sessionEnded() -> Problem { invalidKey("the session has ended; sign in again") }
}
