import CCurl
import Glibc

/// An `eventfd` by which any thread ends the loop's wait.
final class WakeSignal: Sendable {
    let descriptor: CInt

    init?() {
        let descriptor = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func raise() {
        var one: UInt64 = 1
        // Safe: eight bytes of a local; it can only fail when the signal is already up.
        _ = unsafe write(descriptor, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        // Safe: eight bytes into a local; it can only fail when the signal is down.
        _ = unsafe read(descriptor, &count, 8)
    }
}
