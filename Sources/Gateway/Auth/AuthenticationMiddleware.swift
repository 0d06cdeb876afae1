import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Demands a tenant's key that allows what is asked, and notes whose it is.
struct AuthenticationMiddleware: RouterMiddleware {
    let directory: any DirectorySource
    let uses: any KeyUseNoting
    /// Whose `X-Forwarded-For` counts; nil: nobody's.
    let proxies: SourceNetworks?

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let snapshot = directory.current else { throw Problem.databaseUnavailable() }
        guard let key = BearerKey.find(in: request.headers) else { throw Problem.invalidKey() }
        let now = Date()
        let record = try snapshot.key(key, at: now)
        guard record.owner != .admin else {
            throw Problem(.missingScope, "this is an admin's key; a tenant's is needed here")
        }
        guard let tenant = snapshot.tenant(of: record) else { throw Problem.invalidKey() }
        var context = context
        context.record.tenant = tenant.name
        context.logger[metadataKey: "tenant"] = "\(tenant.name)"
        try checkSource(request, context, record)
        uses.note(record.id, at: now)
        try RouteScope.check(request.method, context.endpointPath ?? "", record.grant)
        context.caller = TenantCaller(
            tenant: tenant,
            directory: snapshot,
            grant: record.grant,
            actor: "key:\(record.id.uuidString.lowercased())"
        )
        return try await next(request, context)
    }

    private func checkSource(_ request: Request, _ context: GatewayContext, _ record: KeyRecord) throws(Problem) {
        guard let networks = record.networks else { return }
        let source = RequestSource.address(
            peer: context.channel.remoteAddress?.ipAddress,
            headers: request.headers,
            proxies: proxies
        )
        guard let source, networks.contains(source) else {
            throw Problem(
                .sourceNotAllowed,
                "the key does not work from \(source ?? "an address that the proxy does not name"); see its allowed_ips"
            )
        }
    }
}

extension DirectorySnapshot {
    /// The key that a request carries.
    ///
    /// - Throws: problem `invalid_key` that says what is wrong with it, as far as its holder may know.
    func key(_ text: String, at now: Date) throws(Problem) -> KeyRecord {
        switch find(key: text, at: now) {
        case .valid(let record): return record
        case .expired(let date): throw Problem.invalidKey("the key expired at \(RFC3339.text(date)); use another one")
        case .unknown: throw Problem.invalidKey("the key is not known, or was revoked")
        case .malformed: throw Problem.invalidKey("this is no key: it is mistyped or cut off, as its checksum shows")
        }
    }
}
