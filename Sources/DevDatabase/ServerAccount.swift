import Foundation
import Glibc

/// The user the server runs as: the caller, or somebody else when the caller is root (PostgreSQL refuses root).
struct ServerAccount: Sendable, Equatable {
    var name: String
    var userID: UInt32
    var groupID: UInt32
    /// Whether a program must be started through `setpriv` to run as this user.
    var isSwitched: Bool

    /// The account for data in `folder`: root uses the folder's owner when that is an ordinary user, else `postgres`, else `nobody`.
    static func choose(folder: String) throws -> Self {
        let caller = geteuid()
        if caller != 0 {
            return Self(name: "uid \(caller)", userID: caller, groupID: getegid(), isSwitched: false)
        }
        let accounts = try readAccounts()
        if let owner = owner(of: folder), owner != 0, let account = accounts.first(where: { $0.userID == owner }) {
            return account
        }
        for name in ["postgres", "nobody"] {
            if let account = accounts.first(where: { $0.name == name }) { return account }
        }
        throw DevDatabaseError(
            code: .noServerUser,
            message: """
                PostgreSQL does not run as root, and there is no user postgres or nobody to run it as. \
                Install the package postgresql, or start this as an ordinary user.
                """
        )
    }

    /// The user id of a file's owner; nil when there is no such file.
    static func owner(of path: String) -> UInt32? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.ownerAccountID] as? NSNumber)?.uint32Value
    }

    /// The program and arguments that run `program` as this user.
    func command(_ program: String, _ arguments: [String]) -> Command {
        guard isSwitched else { return Command(path: program, arguments: arguments) }
        return Command(
            path: "/usr/bin/setpriv",
            arguments: ["--reuid=\(userID)", "--regid=\(groupID)", "--clear-groups", "--", program] + arguments
        )
    }

    private static func readAccounts() throws -> [Self] {
        let text = try String(contentsOfFile: "/etc/passwd", encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 4, let user = UInt32(fields[2]), let group = UInt32(fields[3]) else { return nil }
            return Self(name: String(fields[0]), userID: user, groupID: group, isSwitched: true)
        }
    }
}
