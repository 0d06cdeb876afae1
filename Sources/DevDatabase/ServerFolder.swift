import Foundation
import Logging

/// The folder that holds the server's data (`data/`) and log (`server.log`), made so that its account can work in it.
struct ServerFolder: Sendable, Equatable {
    /// Where a root's data go when the wanted folder lies where another user can't reach it.
    static let reachable = "/var/lib/sluice-dev"

    /// The real path, symbolic links resolved.
    var path: String
    var account: ServerAccount

    var data: String { "\(path)/data" }
    var log: String { "\(path)/server.log" }

    /// Makes the folder when absent. Root's folder is given to the server's account; when that account can't reach it (a
    /// parent of mode 0700), the folder is made below `reachable` and `wanted` becomes a symbolic link to it.
    static func prepare(_ wanted: String, reachable: String = reachable, logger: Logger) async throws -> Self {
        let wanted = absolute(wanted)
        let account = try ServerAccount.choose(folder: resolved(wanted))
        var path = resolved(wanted)
        if !account.isSwitched, let owner = ServerAccount.owner(of: path), owner != account.userID {
            throw DevDatabaseError(
                code: .folderUnusable,
                message: """
                    The database folder \(path) belongs to another user (was it made by root?). \
                    Start this as that user or as root, or remove the folder to start over.
                    """
            )
        }
        try await make(path, account: account)
        if account.isSwitched, try await !canUse(path, account: account) {
            guard try FileManager.default.contentsOfDirectory(atPath: path).isEmpty else {
                throw DevDatabaseError(
                    code: .folderUnusable,
                    message: """
                        The database in \(path) runs as user \(account.name), who can no longer reach it. \
                        Give the folders above it mode 0755, or remove it to start over.
                        """
                )
            }
            path = "\(reachable)/\(hash(wanted))"
            try await make(path, account: account)
            try FileManager.default.removeItem(atPath: wanted)
            try FileManager.default.createSymbolicLink(atPath: wanted, withDestinationPath: path)
            logger.notice(
                "The database is kept elsewhere, because its user can't reach the folder; a symbolic link leads there.",
                metadata: ["folder": "\(wanted)", "kept.in": "\(path)", "user": "\(account.name)"]
            )
        }
        return Self(path: path, account: account)
    }

    /// The path with symbolic links resolved, also where it ends in one that leads nowhere.
    static func resolved(_ path: String) -> String {
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
        return URL(fileURLWithPath: target ?? path, relativeTo: URL(fileURLWithPath: path).deletingLastPathComponent())
            .resolvingSymlinksInPath().path
    }

    static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// Whether something has that name, be it a symbolic link that leads nowhere.
    static func exists(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)) != nil
    }

    private static func make(_ path: String, account: ServerAccount) async throws {
        var steps = [Command(path: "/bin/mkdir", arguments: ["-p", "--", path])]
        if account.isSwitched {
            steps.append(
                Command(path: "/bin/chown", arguments: ["\(account.userID):\(account.groupID)", "--", path])
            )
        }
        // PostgreSQL refuses data that others may read.
        steps.append(Command(path: "/bin/chmod", arguments: ["0700", "--", path]))
        for step in steps {
            let output = try await step.run()
            guard output.status == 0 else {
                throw DevDatabaseError.explaining(
                    output.text,
                    code: .folderUnusable,
                    doing: "Making the database folder \(path)",
                    folder: path
                )
            }
        }
    }

    private static func canUse(_ path: String, account: ServerAccount) async throws -> Bool {
        try await account.command("/usr/bin/test", ["-w", path, "-a", "-x", path]).run().status == 0
    }

    /// FNV-1a of the path in hexadecimal: the same folder always finds the same data.
    static func hash(_ path: String) -> String {
        let value = path.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(value, radix: 16)
    }
}
