import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Telemetry

/// Tells systemd (`Type=notify`) when the node is ready, how it stands, that it lives (`WatchdogSec=`), and that it stops.
///
/// What cannot be told is logged and changes nothing else.
struct SupervisorService: Service {
    /// Counts the listeners that accept connections.
    final class Listeners: Sendable {
        private let open = Mutex(0)

        var count: Int { open.withLock { $0 } }

        func note() { open.withLock { $0 += 1 } }
    }

    private let socket: String
    private let watchdog: Duration?
    private let readiness: Readiness
    private let listeners: Listeners
    private let expected: Int
    private let logger: Logger

    /// Nil when nobody has asked to be told.
    ///
    /// - Parameter expected: how many listeners the node opens.
    init?(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        readiness: Readiness,
        listeners: Listeners,
        expected: Int,
        logger: Logger
    ) {
        guard let socket = environment["NOTIFY_SOCKET"], !socket.isEmpty else { return nil }
        self.socket = socket
        watchdog = Self.watchdog(environment)
        self.readiness = readiness
        self.listeners = listeners
        self.expected = expected
        self.logger = logger
    }

    /// The interval that is meant for this process, and not for its parent.
    static func watchdog(
        _ environment: [String: String],
        process: Int32 = ProcessInfo.processInfo.processIdentifier
    ) -> Duration? {
        if let meant = environment["WATCHDOG_PID"], meant != "\(process)" { return nil }
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0 else {
            return nil
        }
        return .microseconds(microseconds)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await watch() }
        await tell(SupervisorNotes.stopping)
    }

    private func watch() async {
        var notes = SupervisorNotes(watchdog: watchdog)
        while !Task.isCancelled {
            let words = notes.next(readiness.report, isListening: listeners.count >= expected, at: .now)
            if let words { await tell(words) }
            try? await Task.sleep(for: notes.pause)
        }
    }

    /// One datagram, over a socket of its own: it is said a few times a minute.
    private func tell(_ words: String) async {
        do {
            let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: socket).get()
            do {
                try await channel.writeAndFlush(ByteBuffer(string: words))
            } catch {
                try? await channel.close()
                throw error
            }
            try? await channel.close()
        } catch {
            logger.warning("systemd cannot be told how the node stands", metadata: ["error": "\(error)"])
        }
    }
}
