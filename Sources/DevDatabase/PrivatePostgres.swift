import Foundation
import Glibc
public import Logging
import Synchronization

/// A private PostgreSQL server for `sluice dev` and for tests: data in a folder of ours, reachable through a unix socket only,
/// never run as root, and gone when this process is gone, however it ended. Its methods are not to be called at the same time.
public final class PrivatePostgres: Sendable {
    /// The user (a superuser) that owns everything in the server; connections need no password.
    public static let user = "sluice"

    private struct State {
        var folder: ServerFolder?
        var supervisor: Supervisor?
        var processID: Int32?
    }

    public let configuration: Configuration
    /// The folder of the unix socket: fresh for each instance, short, and the same after every restart.
    public let socketFolder: String
    let logger: Logger
    private let state = Mutex(State())

    public init(configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        socketFolder = "/tmp/sluice-" + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// The postmaster's process id while the server runs.
    public var processID: Int32? { state.withLock { $0.processID } }

    /// Where the server writes its log; the previous start's is kept beside it with the suffix `.1`.
    public var logPath: String { location.log }

    /// The real path of the server's data.
    public var dataPath: String { location.data }

    private var location: (data: String, log: String) {
        let path = state.withLock { $0.folder?.path } ?? ServerFolder.resolved(configuration.folder)
        return ("\(path)/data", "\(path)/server.log")
    }

    /// A URL for libpq.
    public func connectionString(database: String) -> String {
        "postgres://\(Self.user)@/\(database)?host=\(socketFolder)"
    }

    /// Makes the data when absent, starts the server and returns once it accepts connections.
    public func start() async throws {
        guard state.withLock({ $0.supervisor?.isRunning != true }) else { return }
        let binaries = try ServerBinaries.find()
        let folder = try await ServerFolder.prepare(configuration.folder, logger: logger)
        state.withLock { $0.folder = folder }
        try await folder.waitUntilUnused()
        try await folder.initialize(binaries: binaries, isDurable: configuration.durability == .full, logger: logger)
        let processID = try await launch(binaries: binaries, folder: folder)
        logger.debug("The private PostgreSQL is ready.", metadata: ["postgres.pid": "\(processID)"])
    }

    /// Stops the server and waits for its end, a minute at most; does nothing when it doesn't run.
    public func stop(mode: StopMode = .fast) async {
        let (supervisor, processID) = state.withLock { state in
            defer { state.processID = nil }
            return (state.supervisor, state.processID)
        }
        guard let supervisor else { return }
        if mode == .immediate, let processID, supervisor.isRunning { _ = kill(processID, SIGQUIT) }
        supervisor.release()
        await supervisor.waitForEnd()
        state.withLock { $0.supervisor = nil }
        try? FileManager.default.removeItem(atPath: socketFolder)
    }

    /// Stops and starts; the socket stays the same.
    public func restart(mode: StopMode = .fast) async throws {
        await stop(mode: mode)
        try await start()
    }

    /// Kills the postmaster as a crash would, for tests of faults. `start()` brings it back.
    public func kill9() async throws {
        let (supervisor, processID) = state.withLock { state in
            defer { state.processID = nil }
            return (state.supervisor, state.processID)
        }
        guard let supervisor, let processID, supervisor.isRunning else {
            throw DevDatabaseError(code: .notRunning, message: "The private PostgreSQL does not run.")
        }
        _ = kill(processID, SIGKILL)
        await supervisor.waitForEnd()
        supervisor.release()
        state.withLock { $0.supervisor = nil }
    }

    /// Starts the server; after a crash, again for as long as a dying process of the old server keeps its shared memory.
    private func launch(binaries: ServerBinaries, folder: ServerFolder) async throws -> Int32 {
        let deadline = ContinuousClock.now + configuration.startTimeout
        while true {
            let supervisor = try Supervisor(
                account: folder.account,
                socketFolder: socketFolder,
                log: folder.log,
                server: [binaries.path("postgres"), "-D", folder.data]
                    + configuration.serverArguments(socketFolder: socketFolder)
            )
            state.withLock { $0.supervisor = supervisor }
            do {
                let processID = try await ready(supervisor, data: folder.data, deadline: deadline)
                state.withLock { $0.processID = processID }
                return processID
            } catch {
                await stop(mode: .immediate)
                let log = folder.logTail()
                let isTransient = log.contains("pre-existing shared memory block")
                guard isTransient, !(error is CancellationError), ContinuousClock.now < deadline else {
                    throw error is CancellationError
                        ? error
                        : DevDatabaseError.explaining(
                            log,
                            code: .startFailed,
                            doing: "Starting PostgreSQL on \(folder.data)",
                            folder: folder.path
                        )
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func ready(_ supervisor: Supervisor, data: String, deadline: ContinuousClock.Instant) async throws -> Int32
    {
        while supervisor.isRunning, ContinuousClock.now < deadline {
            // The file may be an old server's: ours is the supervisor's child.
            if let file = PostmasterFile.read(data: data), ["ready", "standby"].contains(file.status),
                ProcessTable.parent(of: file.processID) == supervisor.processID
            {
                return file.processID
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw DevDatabaseError(code: .startFailed, message: "PostgreSQL did not become ready.")
    }
}
