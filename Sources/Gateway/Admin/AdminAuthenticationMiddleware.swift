import Directory
import FoundationEssentials
import Hummingbird
import Logging

/// Demands an admin's key and notes whose it is.
struct AdminAuthenticationMiddleware: RouterMiddleware {
    let directory: any DirectorySource
    let uses: any KeyUseNoting
    /// Of those who are signed in at the dashboard; nil: there is none.
    var gate: SessionGate?

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let snapshot = directory.current else { throw Problem.databaseUnavailable() }
        guard let key = try await RequestKey.find(request, context, gate: gate) else {
            throw Problem.invalidAdminKey()
        }
        var context = context
        try admit(key, by: snapshot, &context)
        context.record.recheck { [directory] in
            _ = try directory.current?.adminKey(key, at: Date())
            return nil
        }
        return try await next(request, context)
    }

    /// Notes in the context whose key it is.
    ///
    /// - Throws: the problem that the key has here and now.
    func admit(
        _ key: RequestKey,
        by snapshot: DirectorySnapshot,
        _ context: inout GatewayContext
    ) throws(Problem) {
        let now = Date()
        let record = try snapshot.adminKey(key, at: now)
        uses.note(record.id, at: now)
        let id = record.id.uuidString.lowercased()
        context.admin = AdminCaller(
            label: record.label,
            actor: record.label.isEmpty ? "admin key \(id)" : "admin \(record.label), key \(id)"
        )
        context.logger[metadataKey: "admin_key"] = "\(id)"
    }
}

extension DirectorySnapshot {
    fileprivate func adminKey(_ text: RequestKey, at now: Date) throws(Problem) -> KeyRecord {
        let record = try key(text, at: now)
        guard record.owner == .admin else {
            throw Problem(.missingScope, "this is a tenant's key; an admin's is needed here")
        }
        return record
    }
}
