import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Demands a tenant's key that works from where the request comes, and notes whose it is.
struct AuthenticationMiddleware: RouterMiddleware {
    let directory: any DirectorySource
    let uses: any KeyUseNoting
    /// Whose `X-Forwarded-For` counts; nil: nobody's.
    let proxies: SourceNetworks?
    /// Of those who are signed in at the dashboard; nil: there is none.
    var gate: SessionGate?

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let snapshot = directory.current else { throw Problem.databaseUnavailable() }
        guard let key = try await RequestKey.find(request, context, gate: gate) else { throw Problem.invalidKey() }
        var context = context
        let record = try admit(key, by: snapshot, request, &context)
        let (head, channel, path) = (request.head, context.channel, context.endpointPath ?? "")
        let (version, isTemporary) = (snapshot.version, record.isTemporary)
        context.record.recheck { [self] in
            guard let latest = directory.current, latest.version != version || isTemporary else { return nil }
            let record = try latest.tenantKey(key, at: Date())
            guard let tenant = latest.tenant(of: record) else { throw Problem.invalidKey() }
            try checkSource(head.headerFields, channel, record)
            try RouteScope.check(head.method, path, record.grant)
            return TenantCaller(tenant, by: record, latest)
        }
        return try await next(request, context)
    }

    /// Notes in the context whose key it is.
    ///
    /// - Throws: the problem that the key has here and now.
    func admit(
        _ key: RequestKey,
        by snapshot: DirectorySnapshot,
        _ request: Request,
        _ context: inout GatewayContext
    ) throws(Problem) -> KeyRecord {
        let now = Date()
        let record = try snapshot.tenantKey(key, at: now)
        guard let tenant = snapshot.tenant(of: record) else { throw Problem.invalidKey() }
        context.record.tenant = tenant.name
        context.logger[metadataKey: "tenant"] = "\(tenant.name)"
        try checkSource(request.headers, context.channel, record)
        uses.note(record.id, at: now)
        context.caller = TenantCaller(tenant, by: record, snapshot)
        return record
    }

    private func checkSource(_ headers: HTTPFields, _ channel: any Channel, _ record: KeyRecord) throws(Problem) {
        guard let networks = record.networks else { return }
        let source = RequestSource.address(
            peer: channel.remoteAddress?.ipAddress,
            headers: headers,
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

extension TenantCaller {
    fileprivate init(_ tenant: Tenant, by record: KeyRecord, _ directory: DirectorySnapshot) {
        self.init(
            tenant: tenant,
            directory: directory,
            key: record.id,
            grant: record.grant,
            actor: "key:\(record.id.uuidString.lowercased())"
        )
    }
}

extension DirectorySnapshot {
    /// The key that a request carries, which must be a tenant's.
    fileprivate func tenantKey(_ text: RequestKey, at now: Date) throws(Problem) -> KeyRecord {
        let record = try key(text, at: now)
        guard record.owner != .admin else {
            throw Problem(.missingScope, "this is an admin's key; a tenant's is needed here")
        }
        return record
    }
}
