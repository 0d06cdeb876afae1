/// How a database's schema stands to the migrations that a program has.
public struct MigrationStatus: Sendable, Hashable {
    /// Names of migrations that the database has had, in order.
    public var applied: [String]
    /// Names of migrations that the database lacks, in order.
    public var pending: [String]
    /// Names that the database has and the program does not know.
    public var unknown: [String]
    /// Names of applied migrations whose text is another now.
    public var changed: [String]

    /// Whether the database has exactly the program's schema.
    public var isCurrent: Bool { pending.isEmpty && unknown.isEmpty && changed.isEmpty }

    /// Says what is wrong, and what to do about it.
    /// - Throws: ``PostgresError`` of code `.migration` that names the migration, unless the schema is current.
    public func requireCurrent() throws {
        try requireNoConflict()
        if let first = pending.first {
            let message = "the database lacks migration \(first) (\(pending.count) in all): run `migrate`"
            throw PostgresError(.migration, message)
        }
    }

    /// Throws where migrating would not help: the program is older than the database, or a migration was changed.
    func requireNoConflict() throws {
        if let name = unknown.first {
            let message = "the database is newer than this program: it has migration \(name)"
            throw PostgresError(.migration, message)
        }
        if let name = changed.first {
            let message = "migration \(name) was changed after it had been applied; restore its text and add a new one"
            throw PostgresError(.migration, message)
        }
        if let last = applied.last, let name = pending.first(where: { $0 < last }) {
            let message = "migration \(name) sorts before \(last), which has been applied already: give it a later name"
            throw PostgresError(.migration, message)
        }
    }
}
