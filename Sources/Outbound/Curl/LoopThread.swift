internal import Foundation
internal import Synchronization

/// The thread on which a loop, and every call into libcurl, runs.
final class LoopThread: Sendable {
    private let loop: Mutex<TransferLoop?>
    private let inbox: Inbox

    init(_ loop: sending TransferLoop, inbox: Inbox) {
        self.loop = Mutex(loop)
        self.inbox = inbox
    }

    func start() {
        let thread = Thread { self.run() }
        thread.name = "sluice-http"
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func run() {
        Self.blockBrokenPipeSignal()
        loop.withLock { loop in
            loop?.run()
            // Frees libcurl's handles, and so closes the idle connections, before anyone is told.
            loop = nil
        }
        inbox.close()
    }

    /// A write to a closed connection must be an error, not the end of the process.
    private static func blockBrokenPipeSignal() {
        var signals = sigset_t()
        // Safe: the set is local, and the call changes this thread only.
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
