import Postgres

/// The tenant behind a tenant, in which its test keys live (sql/0014_keys.sql).
enum TestTenant {
    /// Makes it, with its lanes, where it is missing. No tenant that is configured can have such a name.
    static func ensure(of tenant: Int32, on connection: PostgresConnection) async throws {
        let made = try await connection.query(
            """
            INSERT INTO tenant (name, default_region, test_of)
            SELECT name || ':test', default_region, id FROM tenant WHERE id = \(tenant)
            ON CONFLICT (test_of) DO NOTHING
            """
        )
        if made.affected > 0 { try await LaneWriter.makeLanes(on: connection) }
    }
}
