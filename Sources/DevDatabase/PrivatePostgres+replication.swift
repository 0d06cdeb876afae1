import Foundation
import Glibc

extension PrivatePostgres {
    /// Makes a standby of this server, which must run, by streaming replication; not started yet.
    ///
    /// - Parameter folder: for the standby's data and log; must not hold data yet.
    public func makeStandby(folder: String) async throws -> PrivatePostgres {
        var configuration = configuration
        configuration.folder = folder
        let standby = PrivatePostgres(configuration: configuration, logger: logger)
        let binaries = try ServerBinaries.find()
        let place = try await ServerFolder.prepare(folder, logger: logger)
        try await place.account.command(
            binaries.path("pg_basebackup"),
            [
                "--host=\(socketFolder)", "--username=\(Self.user)", "--pgdata=\(place.data)", "--write-recovery-conf",
                "--wal-method=stream", "--checkpoint=fast", "--no-sync",
            ]
        ).succeed(doing: "Making a standby in \(place.path)", folder: place.path)
        return standby
    }

    /// Makes this standby a primary on a new timeline; returns once it takes writes.
    public func promote() async throws {
        let binaries = try ServerBinaries.find()
        let place = try await ServerFolder.prepare(configuration.folder, logger: logger)
        try await place.account.command(
            binaries.path("pg_ctl"),
            ["--pgdata=\(place.data)", "--wait", "promote"]
        ).succeed(doing: "Promoting the standby in \(place.path)", folder: place.path)
    }

    /// Makes commits wait for that many standbys (`synchronous_standby_names`), or for none; in force at once.
    public func waitForStandbys(_ count: Int) async throws {
        let binaries = try ServerBinaries.find()
        let names = count == 0 ? "" : "ANY \(count) (*)"
        try await Command(
            path: binaries.path("psql"),
            arguments: [
                "--host=\(socketFolder)", "--username=\(Self.user)", "--dbname=postgres", "--no-psqlrc",
                "--set=ON_ERROR_STOP=1", "--command=ALTER SYSTEM SET synchronous_standby_names = '\(names)'",
                "--command=SELECT pg_reload_conf()",
            ]
        ).succeed(doing: "Setting synchronous_standby_names", folder: configuration.folder)
    }
}
