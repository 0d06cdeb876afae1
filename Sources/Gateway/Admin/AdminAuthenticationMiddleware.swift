import Directory
import FoundationEssentials
import Hummingbird
import Logging

/// Demands an admin's key and notes whose it is.
struct AdminAuthenticationMiddleware: RouterMiddleware {
    let directory: any DirectorySource
    let uses: any KeyUseNoting

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let snapshot = directory.current else { throw Problem.databaseUnavailable() }
        guard let key = BearerKey.find(in: request.headers) else { throw Problem.invalidAdminKey() }
        let now = Date()
        let record = try snapshot.adminKey(key, at: now)
        uses.note(record.id, at: now)
        var context = context
        let id = record.id.uuidString.lowercased()
        context.admin = AdminCaller(
            actor: record.label.isEmpty ? "admin key \(id)" : "admin \(record.label), key \(id)"
        )
        context.logger[metadataKey: "admin_key"] = "\(id)"
        context.record.recheck { [directory] in
            _ = try directory.current?.adminKey(key, at: Date())
            return nil
        }
        return try await next(request, context)
    }
}

extension DirectorySnapshot {
    fileprivate func adminKey(_ text: String, at now: Date) throws(Problem) -> KeyRecord {
        let record = try key(text, at: now)
        guard record.owner == .admin else {
            throw Problem(.missingScope, "this is a tenant's key; an admin's is needed here")
        }
        return record
    }
}
