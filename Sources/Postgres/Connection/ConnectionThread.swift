import NIOCore
import NIOPosix

/// A thread of a connection's own, on which its libpq calls may wait without holding up the cooperative pool.
///
/// It ends when the last reference goes, and not when the connection is closed, because an actor's jobs on a thread
/// that has ended would never run.
final class ConnectionThread: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// What an actor returns as its executor. Valid as long as this object is.
    var executor: UnownedSerialExecutor {
        unsafe group.next().executor.asUnownedSerialExecutor()
    }

    deinit {
        group.shutdownGracefully { _ in }
    }
}
