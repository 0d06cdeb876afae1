import Postgres

/// Makes the lanes that routes lead to. Lanes that none leads to any more stay: rows may wait in them.
enum LaneWriter {
    static func makeLanes(on connection: PostgresConnection) async throws {
        let routes = try await connection.query(
            """
            SELECT route.tenant_id, test.id, tenant.name, share.account_id, share.path
            FROM route JOIN tenant ON tenant.id = route.tenant_id JOIN share ON share.id = route.share_id
            LEFT JOIN tenant AS test ON test.test_of = tenant.id
            """
        ).decode(Int32.self, Int32?.self, String.self, Int32.self, String.self)
        var shares: [Int32: [String: Int32]] = [:]
        for (account, path, id) in try await connection.query("SELECT account_id, path, id FROM share")
            .decode(Int32.self, String.self, Int32.self)
        {
            shares[account, default: [:]][path] = id
        }
        var places: (shares: [Int32], tenants: [Int32], streams: [String], tests: [Bool]) = ([], [], [], [])
        for (tenant, test, name, account, path) in routes {
            let own = shares[account] ?? [:]
            for stream in StreamName.all {
                let destination = SharePath.destination(of: path, tenant: name, stream: stream, in: own)
                guard let share = own[destination] else { continue }
                for owner in [tenant, test].compactMap(\.self) {
                    places.shares.append(share)
                    places.tenants.append(owner)
                    places.streams.append(stream)
                    places.tests.append(owner == test)
                }
            }
        }
        _ = try await connection.query(
            """
            INSERT INTO lane (share_id, tenant_id, stream, test)
            SELECT share_id, tenant_id, stream, test
            FROM unnest(\(places.shares), \(places.tenants), \(places.streams), \(places.tests))
                AS p (share_id, tenant_id, stream, test)
            WHERE NOT EXISTS (
                SELECT FROM lane
                WHERE lane.share_id = p.share_id AND lane.tenant_id = p.tenant_id AND lane.stream = p.stream
                  AND NOT lane.retired)
            ON CONFLICT (share_id, tenant_id, stream) WHERE NOT retired DO NOTHING
            """
        )
    }
}
