import CLibPQ
import Glibc

/// An `eventfd` that ends a wait in `poll` from another thread. `eventfd` calls are safe from any thread.
final class WakeUp: Sendable {
    let descriptor: Int32

    init() throws {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else {
            throw PostgresError(.unavailable, "no file descriptor is left (errno \(errno))")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Makes the descriptor readable.
    func ring() {
        eventfd_write(descriptor, 1)
    }

    /// Makes it unreadable again.
    func clear() {
        var count: eventfd_t = 0
        unsafe eventfd_read(descriptor, &count)
    }
}
