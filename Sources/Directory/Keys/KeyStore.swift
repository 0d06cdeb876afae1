public import Foundation
public import Postgres

/// Makes and revokes keys.
public struct KeyStore: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// A key that was just made. Its text is not kept anywhere else.
    public struct Created: Sendable {
        public let id: UUID
        public let key: String
    }

    /// - Throws: `DirectoryError.notFound` for an unknown tenant.
    public func create(tenant name: String, label: String = "", actor: String) async throws -> Created {
        try await create(.live, label: label, actor: actor, object: "tenant \(name)") { connection in
            guard
                let id = try await connection.query("SELECT id FROM tenant WHERE name = \(name)")
                    .decode(Int32.self).first
            else { throw DirectoryError(.notFound, "there is no tenant '\(name)'") }
            return id
        }
    }

    public func createAdmin(label: String, actor: String) async throws -> Created {
        try await create(.admin, label: label, actor: actor, object: "admin \(label)") { _ in nil }
    }

    private func create(
        _ kind: APIKey.Kind,
        label: String,
        actor: String,
        object: String,
        owner: @Sendable (PostgresConnection) async throws -> Int32?
    ) async throws -> Created {
        let created = Created(id: UUID(), key: APIKey.generate(kind))
        try await pool.withTransaction { connection in
            try await DirectoryChangeLog.begin(on: connection)
            let owner = try await owner(connection)
            _ = try await connection.query(
                """
                INSERT INTO api_key (id, tenant_id, label, hash, hint)
                VALUES (\(created.id), \(owner), \(label), \(APIKey.hash(created.key)), \(APIKey.hint(created.key)))
                """
            )
            try await DirectoryChangeLog.record(
                [.init(action: "create", object: "key \(created.id.uuidString.lowercased()) of \(object)")],
                actor: actor,
                on: connection
            )
        }
        return created
    }
}
