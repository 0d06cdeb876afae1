import Postgres
import Signing

/// The data keys as they are stored: wrapped.
struct DataKeyStore: Sendable {
    /// How long one is used for what is new, while a next one can be had.
    static let use = Duration.seconds(86_400)
    /// How long at most. `remove_unused_data_keys` relies on it.
    static let mostUse = Duration.seconds(3 * 86_400)

    struct Record: Sendable {
        let id: Int32
        /// The name of the key that wrapped it.
        let master: String
        let wrapped: [UInt8]
        let age: Duration
    }

    let pool: PostgresPool

    /// All of them, oldest first: one for each day whose bodies there still are.
    func records() async throws -> [Record] {
        try await pool.query("SELECT \(Self.columns) FROM data_key ORDER BY id").map(Self.record)
    }

    func record(_ id: Int32) async throws -> Record? {
        try await pool.query("SELECT \(Self.columns) FROM data_key WHERE id = \(id)").map(Self.record).first
    }

    /// Makes a new one. Another node may do so at the same time, which harms nothing.
    func make(_ masters: MasterKeys) async throws {
        let numbers = try await pool.query("SELECT nextval(pg_get_serial_sequence('data_key', 'id'))::integer")
        guard let id = try numbers.decode(Int32.self).first else { return }
        let wrapped = try await masters.wrap(SecureRandom.bytes(AES256GCM.keyLength), number: id)
        _ = try await pool.query(
            """
            INSERT INTO data_key (id, master, wrapped)
            SELECT \(id), \(masters.current), \(wrapped)
            WHERE NOT EXISTS (SELECT FROM data_key WHERE master = \(masters.current) AND created_at > now() - \(Self.use))
            """
        )
    }

    /// Stores what was wrapped anew; false when it was by somebody else meanwhile.
    func rewrap(_ record: Record, _ wrapped: [UInt8], under master: String) async throws -> Bool {
        try await pool.query(
            """
            UPDATE data_key SET master = \(master), wrapped = \(wrapped)
            WHERE id = \(record.id) AND wrapped = \(record.wrapped) RETURNING id
            """
        ).count == 1
    }

    /// Removes those that nothing is sealed under any more.
    func removeUnused() async throws -> [Int32] {
        try await pool.query("SELECT id FROM remove_unused_data_keys() AS id").decode(Int32.self)
    }

    private static let columns: SQL = "id, master, wrapped, greatest(extract(epoch FROM now() - created_at), 0)::float8"

    private static func record(_ row: Row) throws -> Record {
        Record(
            id: try row[0, as: Int32.self],
            master: try row[1, as: String.self],
            wrapped: try row[2, as: [UInt8].self],
            age: .seconds(try row[3, as: Double.self])
        )
    }
}
