import Foundation
import Glibc
import Logging
import Testing

@testable import DevDatabase

struct ServerFolderTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(.enabled(if: geteuid() == 0, "only root switches users"))
    func dataUnderAClosedFolderAreKeptElsewhere() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let closed = "\(playground.path)/closed"
        try FileManager.default.createDirectory(atPath: closed, withIntermediateDirectories: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: closed)
        let wanted = "\(closed)/var/postgres"
        let elsewhere = "\(playground.path)/elsewhere"

        let folder = try await ServerFolder.prepare(wanted, reachable: elsewhere, logger: logger)
        #expect(folder.path == "\(elsewhere)/\(ServerFolder.hash(wanted))")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: wanted) == folder.path)
        #expect(ServerAccount.owner(of: folder.path) == folder.account.userID)
        let again = try await ServerFolder.prepare(wanted, reachable: elsewhere, logger: logger)
        #expect(again == folder)

        // Removing it removes both, and a link that leads nowhere is mended.
        try FileManager.default.removeItem(atPath: folder.path)
        #expect(try await ServerFolder.prepare(wanted, reachable: elsewhere, logger: logger) == folder)
        try await PrivatePostgres.removeData(folder: wanted)
        #expect(!ServerFolder.exists(wanted))
        #expect(!ServerFolder.exists(folder.path))
    }

    @Test(.enabled(if: geteuid() == 0, "only root may give a folder away"))
    func rootRunsTheServerAsTheFoldersOwner() throws {
        let playground = try Playground()
        defer { playground.remove() }
        #expect(try ServerAccount.choose(folder: playground.path).userID != 0)
        let nobody: NSNumber = 65534
        try FileManager.default.setAttributes([.ownerAccountID: nobody], ofItemAtPath: playground.path)
        #expect(try ServerAccount.choose(folder: playground.path).name == "nobody")
    }

    @Test func aPlaceThatCannotBeAFolderIsExplained() async throws {
        let error = await #expect(throws: DevDatabaseError.self) {
            try await ServerFolder.prepare("/proc/sluice/postgres", logger: logger)
        }
        #expect(error?.code == .folderUnusable)
        #expect(error?.message.contains("/proc/sluice/postgres") == true)
    }

    @Test(arguments: [
        ("initdb: error: could not write: No space left on device", DevDatabaseError.Code.diskFull),
        ("mkdir: cannot create directory: Read-only file system", .readOnly),
        ("FATAL: something else", .startFailed),
    ])
    func outputIsExplained(output: String, code: DevDatabaseError.Code) {
        let error = DevDatabaseError.explaining(output, code: .startFailed, doing: "Starting", folder: "/data")
        #expect(error.code == code)
        #expect(error.message.hasPrefix("Starting failed"))
    }

    @Test func thePidFileIsRead() throws {
        let file = try #require(
            PostmasterFile(text: "4711\n/data\n1700000000\n5432\n/tmp/x\n\n  5432001 3\nready   \n")
        )
        #expect(file.processID == 4711)
        #expect(file.status == "ready")
        #expect(PostmasterFile(text: "4711\n/data\n")?.status == "")
        for text in ["", "x", "-3\n", "0\n"] { #expect(PostmasterFile(text: text) == nil) }
    }

    @Test func theHighestInstalledServerIsFound() throws {
        let playground = try Playground()
        defer { playground.remove() }
        for version in ["9", "15", "17", "noise"] {
            let folder = "\(playground.path)/\(version)/bin"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            // 17 is a client's folder: no server in it.
            for program in version == "17" ? ["createdb"] : ["postgres", "initdb", "createdb", "dropdb"] {
                _ = FileManager.default.createFile(atPath: "\(folder)/\(program)", contents: nil)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/\(program)")
            }
        }
        #expect(try ServerBinaries.find(path: "", versions: playground.path).folder == "\(playground.path)/15/bin")
        let first = "\(playground.path)/9/bin"
        #expect(try ServerBinaries.find(path: "/nowhere:\(first)", versions: playground.path).folder == first)
        let error = #expect(throws: DevDatabaseError.self) { try ServerBinaries.find(path: "", versions: "/nowhere") }
        #expect(error?.message.contains("apt-get install postgresql") == true)
    }
}
