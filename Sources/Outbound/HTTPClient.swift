public import Logging
import Synchronization

/// An HTTP/1.1 client over libcurl: one multi handle on one thread of its own, keep-alive connections, and for every
/// call that fails whether the request may have left.
///
/// libcurl never sends a request with a body a second time here. The number of calls at once is the caller's business;
/// beyond `maxConcurrentTransfers` they wait.
public final class HTTPClient: Sendable {
    private let inbox: Inbox

    /// - Throws: `other` when libcurl is unusable or there is no memory or descriptor for the client.
    public init(
        configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "sluice.http")
    ) throws(OutboundError) {
        if let defect = CurlLibrary.defect { throw OutboundError(.other, message: defect) }
        guard let signal = WakeSignal(), let multi = CurlMulti(configuration, signal: signal) else {
            throw OutboundError(.other, message: "No memory or descriptor for the HTTP client")
        }
        inbox = Inbox(signal: signal)
        LoopThread(TransferLoop(inbox, configuration, logger, multi), inbox: inbox).start()
    }

    deinit {
        inbox.post(.stop)
    }

    /// Sends `request` and returns the whole answer, whatever its status.
    ///
    /// Cancelling the task resets the connection, as a timeout does. The call returns after that, within one turn of the
    /// client's loop.
    public func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        try request.validate()
        let call = Call(request)
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                inbox.start(call, continuation)
            }
        } onCancel: {
            call.isCancelled.store(true, ordering: .releasing)
            inbox.post(.cancel(call))
        }
        guard let response = try answer.get().response() else {
            throw OutboundError(
                .protocolError,
                message: "The answer has no status line",
                bytesLeft: true,
                wholeRequestLeft: true
            )
        }
        return response
    }

    /// Resets every call that was made before this one, at once; each ends with `resetByClient` and its own `endedAt`.
    public func resetAll(reason: String) {
        inbox.post(.resetAll(reason: reason))
    }

    /// Ends every call with `shutDown` and returns when all connections are closed and the thread is done. Calls made
    /// later fail with `shutDown`.
    public func shutdown() async {
        inbox.post(.stop)
        await inbox.waitUntilClosed()
    }
}
