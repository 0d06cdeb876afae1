import Foundation
import Logging

extension ServerFolder {
    /// Runs `initdb` when there are no data yet. The result is moved into place at the end, so that an interrupted run leaves
    /// nothing half made.
    func initialize(binaries: ServerBinaries, isDurable: Bool, logger: Logger) async throws {
        let major = try await binaries.majorVersion()
        if let version = try? String(contentsOfFile: "\(data)/PG_VERSION", encoding: .utf8) {
            let version = version.trimmingCharacters(in: .whitespacesAndNewlines)
            guard version == major else {
                throw DevDatabaseError(
                    code: .wrongVersion,
                    message: """
                        The data in \(data) were written by PostgreSQL \(version), but PostgreSQL \(major) is installed. \
                        Install postgresql-\(version), or remove \(path) to start over.
                        """
                )
            }
            return
        }
        logger.info("Making a new database folder.", metadata: ["folder": "\(path)"])
        let fresh = "\(data).new"
        try? FileManager.default.removeItem(atPath: fresh)
        let output = try await account.command(
            binaries.path("initdb"),
            [
                "--pgdata=\(fresh)", "--username=\(PrivatePostgres.user)", "--encoding=UTF8", "--locale=C.UTF-8",
                "--auth-local=trust", "--auth-host=reject", "--data-checksums", "--no-instructions",
            ] + (isDurable ? [] : ["--no-sync"])
        ).run()
        guard output.status == 0 else {
            throw DevDatabaseError.explaining(
                output.text,
                code: .initializationFailed,
                doing: "Making a database in \(path)",
                folder: path
            )
        }
        do {
            try FileManager.default.moveItem(atPath: fresh, toPath: data)
        } catch {
            throw DevDatabaseError(
                code: .folderUnusable,
                message: "The new database could not be moved to \(data); is something there already?",
                cause: error
            )
        }
    }

    /// Returns once no server works on the data: a dying one is waited for, a living one is refused. A pid file whose process
    /// is gone, or is another program by now, is no obstacle.
    func waitUntilUnused() async throws {
        let clock = ContinuousClock()
        var deadline = clock.now + .seconds(1)
        let latest = clock.now + .seconds(60)
        while let file = PostmasterFile.read(data: data), ProcessTable.isServer(file.processID, data: data) {
            if file.status == "stopping" { deadline = latest }
            guard clock.now < deadline else {
                throw DevDatabaseError(
                    code: .alreadyRunning,
                    message: """
                        A database server (process \(file.processID)) already works on \(data). \
                        Is another `sluice dev` running here? Stop it (Ctrl-C there, or kill -INT \(file.processID)) and start again.
                        """
                )
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        // PostgreSQL itself takes any live process of its user for a server.
        if let file = PostmasterFile.read(data: data), ProcessTable.parent(of: file.processID) != nil {
            try? FileManager.default.removeItem(atPath: PostmasterFile.path(data: data))
        }
    }

    /// The last lines of the server's log.
    func logTail() -> String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }
}
