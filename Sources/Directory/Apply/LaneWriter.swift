import Postgres

/// Makes the lanes that routes lead to. Lanes that none leads to any more stay: rows may wait in them.
enum LaneWriter {
    static func makeLanes(on connection: PostgresConnection) async throws {
        let routes = try await connection.query(
            """
            SELECT route.tenant_id, tenant.name, share.account_id, share.path
            FROM route JOIN tenant ON tenant.id = route.tenant_id JOIN share ON share.id = route.share_id
            """
        ).decode(Int32.self, String.self, Int32.self, String.self)
        var shares: [Int32: [String: Int32]] = [:]
        for (account, path, id) in try await connection.query("SELECT account_id, path, id FROM share")
            .decode(Int32.self, String.self, Int32.self)
        {
            shares[account, default: [:]][path] = id
        }
        var places: (shares: [Int32], tenants: [Int32], streams: [String]) = ([], [], [])
        for (tenant, name, account, path) in routes {
            let own = shares[account] ?? [:]
            for stream in StreamName.all {
                let destination = SharePath.destination(of: path, tenant: name, stream: stream, in: own)
                guard let share = own[destination] else { continue }
                places.shares.append(share)
                places.tenants.append(tenant)
                places.streams.append(stream)
            }
        }
        _ = try await connection.query(
            """
            INSERT INTO lane (share_id, tenant_id, stream)
            SELECT share_id, tenant_id, stream
            FROM unnest(\(places.shares), \(places.tenants), \(places.streams)) AS p (share_id, tenant_id, stream)
            WHERE NOT EXISTS (
                SELECT FROM lane
                WHERE lane.share_id = p.share_id AND lane.tenant_id = p.tenant_id AND lane.stream = p.stream
                  AND NOT lane.retired)
            ON CONFLICT (share_id, tenant_id, stream) WHERE NOT retired DO NOTHING
            """
        )
    }
}
