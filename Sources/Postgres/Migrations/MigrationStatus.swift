/// How a database's schema stands to the migrations that a program has.
public struct MigrationStatus: Sendable, Hashable {
    /// Names of migrations that the database has had, in order.
    public var applied: [String]
    /// Names of migrations that the database lacks, in order.
    public var pending: [String]
    /// Names that the database has and the program does not know.
    public var unknown: [String]
    /// Those of them that the program cannot work with, each with the last migration that a program must know for it.
    public var tooNew: [TooNew]
    /// Names of applied migrations whose text is another now.
    public var changed: [String]

    public struct TooNew: Sendable, Hashable {
        public var name: String
        public var worksFrom: String
    }

    /// Whether a later program has migrated the database, in a way that this one can live with.
    public var isAhead: Bool { !unknown.isEmpty && tooNew.isEmpty }

    /// Says what is wrong, and what to do about it.
    /// - Throws: ``PostgresError`` of code `.migration` that names the migration, unless the program can work with the
    ///   schema: it has all that the program knows, and nothing besides that the program cannot live with.
    public func requireUsable() throws {
        try requireNoConflict()
        if let first = pending.first {
            let message = "the database lacks migration \(first) (\(pending.count) in all): run `migrate`"
            throw PostgresError(.migration, message)
        }
    }

    /// Throws where migrating would not help: the program is older than the database, or a migration was changed.
    func requireNoConflict() throws {
        if let new = tooNew.first {
            let message = """
                the database is newer than this program: it has migration \(new.name), which needs a program that knows \
                \(new.worksFrom)
                """
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
