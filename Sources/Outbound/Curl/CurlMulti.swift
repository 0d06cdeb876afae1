import CCurl
import Glibc

/// The multi handle and the `epoll` that drives it. Lives on the loop's thread.
///
/// Not `curl_multi_poll` with `curl_multi_perform`: those cost one `poll` call and one run of the state machine for
/// every open transfer at every wake-up, `curl_multi_socket_action` only for those that something happened to.
///
/// `@safe`: the handle is created in `init`, freed in `deinit`, and used by this class only.
@safe final class CurlMulti {
    private let handle: UnsafeMutableRawPointer
    private let epoll: CInt
    private let signal: WakeSignal
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)

    /// When libcurl wants to run without anything having happened on a socket.
    private var timerAt: ContinuousClock.Instant?

    init?(_ configuration: HTTPClient.Configuration, signal: WakeSignal) {
        let epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { return nil }
        guard let handle = unsafe curl_multi_init() else {
            close(epoll)
            return nil
        }
        unsafe self.handle = handle
        self.epoll = epoll
        self.signal = signal
        // Safe: `self` outlives the handle, which `deinit` frees first.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let codes = [
            unsafe sluice_multi_set_long(handle, CURLMOPT_MAXCONNECTS, configuration.maxConnections),
            unsafe sluice_multi_set_long(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.maxConnections),
            unsafe sluice_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maxConnectionsPerHost),
            unsafe sluice_multi_set_long(handle, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING)),
            unsafe sluice_multi_set_socket(handle, onSocket),
            unsafe sluice_multi_set_pointer(handle, CURLMOPT_SOCKETDATA, context),
            unsafe sluice_multi_set_timer(handle, onTimer),
            unsafe sluice_multi_set_pointer(handle, CURLMOPT_TIMERDATA, context),
        ]
        guard codes.allSatisfy({ $0 == CURLM_OK }), control(EPOLL_CTL_ADD, signal.descriptor, EPOLLIN.rawValue) else {
            return nil
        }
    }

    deinit {
        // Closes the idle connections. The easy handles were removed before.
        unsafe curl_multi_cleanup(handle)
        close(epoll)
    }

    func add(_ easy: CurlEasy) -> CURLMcode {
        unsafe curl_multi_add_handle(handle, easy.handle)
    }

    /// Takes the handle out. If its transfer has not ended, its connection is closed before this returns.
    func remove(_ easy: CurlEasy) {
        _ = unsafe curl_multi_remove_handle(handle, easy.handle)
    }

    /// The next transfer that ended: what was set as its `CURLOPT_PRIVATE`, and how it ended.
    func nextFinished() -> (context: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: CInt = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            // Safe: the message is valid until the next call into the multi handle; only values are taken from it.
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            var context: UnsafeMutableRawPointer?
            _ = unsafe sluice_easy_get_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &context)
            if let context = unsafe context { return unsafe (context, message.pointee.data.result) }
        }
        return nil
    }

    /// Waits until `limit`, libcurl's timer, a ready socket or the wake signal, and lets libcurl act.
    /// `beforeAct` runs immediately before each time that libcurl may write to a socket.
    func turn(until limit: ContinuousClock.Instant?, beforeAct: () -> Void) {
        let next = [limit, timerAt].compactMap(\.self).min()
        let capacity = unsafe CInt(events.count)
        // Safe: the kernel writes at most `capacity` events into the array.
        let count = unsafe epoll_wait(epoll, &events, capacity, Self.milliseconds(until: next))
        for index in 0..<Int(max(count, 0)) {
            // Safe: of the union only the descriptor was ever stored.
            let (descriptor, bits) = unsafe (events[index].data.fd, events[index].events)
            if descriptor == signal.descriptor {
                signal.clear()
            } else {
                beforeAct()
                act(descriptor, bits)
            }
        }
        if let timerAt, timerAt <= .now {
            self.timerAt = nil
            beforeAct()
            act(CURL_SOCKET_TIMEOUT, 0)
        }
    }

    private func act(_ descriptor: CInt, _ bits: UInt32) {
        var action: CInt = 0
        // An error or hang-up is found by reading, which also tells what it was.
        if bits & (EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { action |= CURL_CSELECT_IN }
        if bits & EPOLLOUT.rawValue != 0 { action |= CURL_CSELECT_OUT }
        var running: CInt = 0
        _ = unsafe curl_multi_socket_action(handle, descriptor, action, &running)
    }

    /// Rounded up, so that a timer is never found a moment too early; -1 is for ever.
    private static func milliseconds(until instant: ContinuousClock.Instant?) -> CInt {
        guard let instant else { return -1 }
        let (seconds, attoseconds) = (instant - .now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return CInt(clamping: min(seconds, 3600) * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    /// Whether the kernel took the change.
    @discardableResult
    private func control(_ operation: CInt, _ descriptor: CInt, _ bits: UInt32) -> Bool {
        // Safe: the kernel copies the local event.
        var event = unsafe epoll_event(events: bits, data: epoll_data_t(fd: descriptor))
        return unsafe epoll_ctl(epoll, operation, descriptor, &event) == 0
    }

    fileprivate func watch(_ descriptor: CInt, _ what: CInt) {
        guard what != CURL_POLL_REMOVE else {
            // Fails when the socket is closed already, which removed it.
            control(EPOLL_CTL_DEL, descriptor, 0)
            return
        }
        var bits: UInt32 = 0
        if what & CURL_POLL_IN != 0 { bits |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { bits |= EPOLLOUT.rawValue }
        if !control(EPOLL_CTL_ADD, descriptor, bits) {
            control(EPOLL_CTL_MOD, descriptor, bits)
        }
    }

    fileprivate func setTimer(milliseconds: Int) {
        timerAt = milliseconds < 0 ? nil : .now.advanced(by: .milliseconds(milliseconds))
    }
}

/// Called by libcurl on the loop's thread, inside calls of `CurlMulti`; `context` is that object, alive meanwhile.
private func onSocket(
    _ easy: UnsafeMutableRawPointer?,
    _ descriptor: curl_socket_t,
    _ what: CInt,
    _ context: UnsafeMutableRawPointer?,
    _ socketContext: UnsafeMutableRawPointer?
) -> CInt {
    guard let context = unsafe context else { return -1 }
    unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().watch(descriptor, what)
    return 0
}

/// As `onSocket`.
private func onTimer(_ multi: UnsafeMutableRawPointer?, _ timeout: Int, _ context: UnsafeMutableRawPointer?) -> CInt {
    guard let context = unsafe context else { return -1 }
    unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds: timeout)
    return 0
}
