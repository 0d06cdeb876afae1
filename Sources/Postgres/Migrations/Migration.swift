/// One step of the schema: a script that is applied once, in its own transaction, and never changed afterwards.
public struct Migration: Sendable, Hashable {
    /// Such as `0001_directory`; names sort in the order of application.
    public var name: String
    public var sql: String
    /// A hash of `sql`, of whatever kind the caller chooses once and for all.
    public var checksum: String
    /// The oldest program that can work with a database that has had this migration, by the last migration that it knows;
    /// nil: only programs that know this one can.
    public var worksFrom: String?

    public init(name: String, sql: String, checksum: String, worksFrom: String? = nil) {
        self.name = name
        self.sql = sql
        self.checksum = checksum
        self.worksFrom = worksFrom
    }

    /// Takes a file's bytes and hashes them.
    /// - Throws: ``PostgresError`` of code `.migration` when the bytes are not UTF-8.
    public init(name: String, sql: [UInt8], worksFrom: String? = nil, checksum: ([UInt8]) -> String) throws {
        guard let text = String(validating: sql, as: UTF8.self) else {
            throw PostgresError(.migration, "migration \(name) is not UTF-8")
        }
        self.init(name: name, sql: text, checksum: checksum(sql), worksFrom: worksFrom)
    }
}
