import Postgres

/// The statements that remove shares, tenants and accounts. What a gateway still accepts by the directory that it knew
/// before lands in a retired lane and is sent.
enum RemovalWriter {
    /// All of a removal but its accounts; of those only the routes that are left to them.
    static func remove(
        _ removal: DirectoryRemoval,
        from directory: DirectorySnapshot,
        on connection: PostgresConnection
    ) async throws {
        for tenant in removal.tenants { try await remove(tenant: tenant, on: connection) }
        let removed = Set(removal.shares.map(\.name))
        for share in removal.shares {
            guard let ids = directory.account(named: share.account)?.shareIDs, let id = ids[share.path] else {
                continue
            }
            var heir = SharePath.parent(of: share.path)
            while removed.contains("\(share.account)/\(heir)") { heir = SharePath.parent(of: heir) }
            guard let heirID = ids[heir] else { continue }
            _ = try await connection.query(
                "UPDATE lane SET share_id = \(heirID), retired = true WHERE share_id = \(id)"
            )
            // Routes that the same plan leads elsewhere, a few statements later.
            _ = try await connection.query("UPDATE route SET share_id = \(heirID) WHERE share_id = \(id)")
            _ = try await connection.query("DELETE FROM share WHERE id = \(id)")
        }
    }

    /// Keys, routes and the tenant of its tests go with the tenant; the lanes stay, for what is late.
    private static func remove(tenant: String, on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            """
            UPDATE lane SET retired = true FROM tenant JOIN tenant AS owner ON owner.id IN (tenant.id, tenant.test_of)
            WHERE owner.name = \(tenant) AND lane.tenant_id = tenant.id
            """
        )
        _ = try await connection.query("DELETE FROM tenant WHERE name = \(tenant)")
    }

    static func remove(account: String, on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            """
            DELETE FROM lane USING share, account
            WHERE share.id = lane.share_id AND account.id = share.account_id AND account.name = \(account)
            """
        )
        _ = try await connection.query("DELETE FROM account WHERE name = \(account)")
    }
}
