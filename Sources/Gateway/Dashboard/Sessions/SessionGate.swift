import Directory
import HTTPTypes
import Hummingbird
import NIOCore

/// Finds the session of a request, and refuses changes that another site could have had the browser make.
struct SessionGate: Sendable {
    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")
    private static let csrfToken = HTTPField.Name("X-CSRF-Token")
    private static let forwardedProtocol = HTTPField.Name("X-Forwarded-Proto")

    let sessions: any SessionKeeping
    let audience: DashboardAudience
    let configuration: GatewayConfiguration
    private let lookups = SessionLookups()

    init(sessions: any SessionKeeping, audience: DashboardAudience, configuration: GatewayConfiguration) {
        self.sessions = sessions
        self.audience = audience
        self.configuration = configuration
    }

    func cookie(_ request: Request, _ context: GatewayContext) -> SessionCookie {
        SessionCookie(audience, isSecure: isSecure(request.headers, peer: context.channel.remoteAddress?.ipAddress))
    }

    /// Nil for a request without a session that lasts.
    func session(_ request: Request, _ context: GatewayContext) async throws -> DashboardSession? {
        guard let token = cookie(request, context).token(in: request.headers) else { return nil }
        return try await lookups.find(token, from: source(request, context)) { try await sessions.session(token) }
    }

    /// Begins a session with a valid key.
    func begin(key: String) async throws -> (token: String, session: DashboardSession) {
        let (token, session) = try await sessions.begin(key: key)
        lookups.keep(session)
        return (token, session)
    }

    func end(_ session: DashboardSession) async throws {
        try await sessions.end(session.id)
        lookups.forget(session.id)
    }

    /// Nil where a proxy stands for everybody.
    private func source(_ request: Request, _ context: GatewayContext) -> SourceAddress? {
        let address = RequestSource.address(
            peer: context.channel.remoteAddress?.ipAddress,
            headers: request.headers,
            proxies: configuration.trustedProxies
        )
        return address.flatMap { configuration.isProxy($0) ? nil : SourceAddress($0) }
    }

    /// The session of a call to the API; what changes something must come from our own pages.
    func sessionOfCall(_ request: Request, _ context: GatewayContext) async throws -> DashboardSession? {
        guard let session = try await session(request, context) else { return nil }
        guard request.method != .get, request.method != .head else { return session }
        try checkOrigin(request)
        let token = Self.csrfToken.flatMap { request.headers[$0] } ?? ""
        guard session.isConfirmed(by: token) else { throw Self.foreign() }
        return session
    }

    /// - Throws: problem `missing_scope` for a request that did not come from a page of this very origin. Browsers say so in
    ///   `Sec-Fetch-Site`, and older ones with each POST in `Origin`.
    func checkOrigin(_ request: Request) throws(Problem) {
        if let site = Self.fetchSite.flatMap({ request.headers[$0] }) {
            guard site == "same-origin" else { throw Self.foreign() }
        } else {
            guard let origin = request.headers[.origin], isOwn(origin, request) else { throw Self.foreign() }
        }
    }

    static func foreign() -> Problem {
        Problem(
            .missingScope,
            "a session changes things from the dashboard's own pages only: reload the page, or use a key"
        )
    }

    private func isOwn(_ origin: String, _ request: Request) -> Bool {
        if audience == .tenants, let url = configuration.publicURL, origin == url { return true }
        guard let host = request.head.authority else { return false }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }

    private func isSecure(_ headers: HTTPFields, peer: String?) -> Bool {
        if audience == .tenants, configuration.publicURL?.hasPrefix("https://") == true { return true }
        guard let peer, configuration.trustedProxies?.contains(peer) == true else { return false }
        return Self.forwardedProtocol.flatMap { headers[$0] } == "https"
    }
}
