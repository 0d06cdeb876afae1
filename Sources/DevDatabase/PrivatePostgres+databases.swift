import Foundation

extension PrivatePostgres {
    /// Makes a database, from a template when one is named (which must have no connections); one that is there is left alone.
    ///
    /// - Parameters:
    ///   - name: the new database; letters, digits and `_`.
    ///   - template: the database to copy.
    public func createDatabase(_ name: String, template: String? = nil) async throws {
        let binaries = try ServerBinaries.find()
        let from = template.map { ["--template=\($0)"] } ?? []
        let output = try await Command(
            path: binaries.path("createdb"),
            arguments: ["--host=\(socketFolder)", "--username=\(Self.user)", "--maintenance-db=postgres"] + from + [
                name
            ]
        ).run()
        guard output.status == 0 || output.text.contains("already exists") else {
            throw DevDatabaseError.explaining(
                output.text,
                code: .commandFailed,
                doing: "Making the database \(name)",
                folder: configuration.folder
            )
        }
    }

    /// Removes a database and closes its connections; one that is not there is no error.
    public func dropDatabase(_ name: String) async throws {
        let binaries = try ServerBinaries.find()
        try await Command(
            path: binaries.path("dropdb"),
            arguments: ["--host=\(socketFolder)", "--username=\(Self.user)", "--if-exists", "--force", name]
        ).succeed(doing: "Removing the database \(name)", folder: configuration.folder)
    }
}

extension PrivatePostgres {
    /// Removes a folder's data, wherever they are kept, to start over; refused while a server works on them.
    public static func removeData(folder: String) async throws {
        let wanted = ServerFolder.absolute(folder)
        let kept = ServerFolder.resolved(wanted)
        let data = "\(kept)/data"
        if let file = PostmasterFile.read(data: data), ProcessTable.isServer(file.processID, data: data) {
            throw DevDatabaseError(
                code: .alreadyRunning,
                message: """
                    A database server (process \(file.processID)) works on \(data), so it is not removed. \
                    Stop it (Ctrl-C in its terminal, or kill -INT \(file.processID)) and start again.
                    """
            )
        }
        do {
            for path in Set([kept, wanted]) where ServerFolder.exists(path) {
                try FileManager.default.removeItem(atPath: path)
            }
        } catch {
            throw DevDatabaseError(
                code: .folderUnusable,
                message: "The database folder \(wanted) could not be removed: does it belong to another user?",
                cause: error
            )
        }
    }
}
