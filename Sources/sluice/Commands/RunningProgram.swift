import Postgres

/// A program of ours with a session in the database, and the last migration that it knows.
///
/// Nodes of every role say so in the names of their sessions, which end with them; nothing about it is stored.
struct RunningProgram {
    private static let marker = "sluice schema "

    /// How a program that knows migrations up to `schema` calls its sessions. PostgreSQL keeps 63 bytes of it.
    static func mark(schema: String) -> String { String((marker + schema).prefix(63)) }

    let place: String
    /// Nil for programs from before sessions were named so.
    let schema: String?

    /// - Throws: `CommandFailure` that names the programs that cannot work with what is to be applied.
    static func requireNoneTooOld(for migrator: Migrator, on connection: PostgresConnection) async throws {
        let status = try await migrator.status(on: connection)
        let pending = migrator.migrations.filter { status.pending.contains($0.name) }
        guard let strictest = pending.max(by: { ($0.worksFrom ?? $0.name) < ($1.worksFrom ?? $1.name) }) else { return }
        let needed = strictest.worksFrom ?? strictest.name
        let tooOld = try await all(on: connection).filter { $0.schema ?? "" < needed }
        guard !tooOld.isEmpty else { return }
        let places = Set(tooOld.map { "\($0.place) (\($0.schema ?? "an early version"))" }).sorted().joined(
            separator: ", "
        )
        throw CommandFailure(
            """
            nothing was changed: migration \(strictest.name) needs programs that know \(needed), and older ones run: \(places); \
            replace or stop them first
            """
        )
    }

    /// Where programs run whose sessions are not `connection`'s own process's.
    static func others(on connection: PostgresConnection) async throws -> [String] {
        try await all(on: connection).map { "\($0.place) (\($0.schema ?? "an early version"))" }.sorted()
    }

    /// All but this one: the name of a session is shown to everybody.
    private static func all(on connection: PostgresConnection) async throws -> [RunningProgram] {
        try await connection.query(
            """
            SELECT DISTINCT coalesce(host(client_addr), 'this machine or another user'), application_name FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND (application_name = 'sluice' OR starts_with(application_name, \(marker)::text))
            """
        ).decode(String.self, String.self).map { place, name in
            RunningProgram(
                place: place,
                schema: name.hasPrefix(marker) ? String(name.dropFirst(marker.count)) : nil
            )
        }
    }
}
