import CLibPQ

/// What asks the server to cancel the statement that a connection runs.
///
/// Unchecked: libpq never changes a `PGcancel`, and documents `PQcancel` as safe in any thread, even in a signal
/// handler; it is freed when the last reference is gone.
@safe
final class CancelHandle: @unchecked Sendable {
    private let cancel: OpaquePointer

    init?(_ connection: OpaquePointer) {
        guard let cancel = unsafe PQgetCancel(connection) else { return nil }
        unsafe self.cancel = cancel
    }

    deinit {
        unsafe PQfreeCancel(cancel)
    }

    /// Opens a connection of its own, sends the request and waits until the server has acted on it. May block as long as
    /// TCP does, so it must not run on a thread of the cooperative pool.
    func send() -> Bool {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            unsafe PQcancel(cancel, buffer.baseAddress, Int32(buffer.count)) == 1
        }
    }
}
