import CCurl

/// One call on its way: what libcurl's callbacks need and find out. Lives on the loop's thread.
final class Transfer {
    typealias Continuation = CheckedContinuation<Inbox.Answer, Never>

    let call: Call
    let easy: CurlEasy
    let startedAt = ContinuousClock.now
    private let continuation: Continuation
    /// What `CURLOPT_HTTPHEADER` points to.
    var headers = CurlHeaderList()

    var answer = RawAnswer()

    /// Why a callback ended the transfer.
    private(set) var refusal: OutboundError.Code?

    /// Whether the answer was ended where it became longer than the request allows.
    private(set) var isCut = false

    /// Whether the request was handed to a connection.
    private(set) var wasLetThrough = false

    /// How much of the body libcurl has taken.
    private(set) var bodyOffset = 0

    init(_ call: Call, _ continuation: Continuation, easy: CurlEasy) {
        self.call = call
        self.continuation = continuation
        self.easy = easy
    }

    var request: OutboundRequest { call.request }
    var bodyCount: Int { request.body?.count ?? 0 }

    /// Whether libcurl holds the end of the request; only the socket may still refuse it.
    var isTaken: Bool { wasLetThrough && bodyOffset == bodyCount }

    /// Whether the socket took the whole request.
    var isSent: Bool {
        guard isTaken else { return false }
        return bodyCount == 0
            ? easy.long(CURLINFO_REQUEST_SIZE) > 0 : easy.large(CURLINFO_SIZE_UPLOAD_T) >= bodyCount
    }

    /// The phase that ends next, and when.
    var expiry: (phase: TimeoutPhase, at: ContinuousClock.Instant) {
        let timeouts = request.timeouts
        let end = call.acceptedAt + timeouts.total
        let phase: (TimeoutPhase, ContinuousClock.Instant)
        if let sentAt = answer.bodySentAt {
            phase = (.response, sentAt + timeouts.response)
        } else if !wasLetThrough {
            phase = (.connect, startedAt + timeouts.connect)
        } else {
            return (.total, end)
        }
        return phase.1 < end ? phase : (.total, end)
    }

    /// Ends the call; to be called once, after the handle was taken out of the multi handle.
    func resolve(_ result: Inbox.Answer) {
        continuation.resume(returning: result)
    }
}

/// Decisions of the callbacks.
extension Transfer {
    /// The connection is ready: may the request be written to it? libcurl asks again for each connection it tries.
    func letThrough(to address: NetworkAddress? = nil) -> Bool {
        // Once more: a connection that is reused was opened by another request, perhaps under another policy.
        guard permits(address) else { return false }
        if wasLetThrough && !mayBeWrittenAgain {
            refusal = .rewindRefused
            return false
        }
        if let deadline = request.deadline, deadline.hasPassed() {
            refusal = .deadlinePassed
            return false
        }
        wasLetThrough = true
        return true
    }

    /// Whether the request may go there; an address of an unknown kind never may, under a policy.
    func permits(_ address: NetworkAddress?) -> Bool {
        guard let egress = request.egress else { return true }
        guard let address, egress.permits(address) else {
            refusal = .addressRefused
            return false
        }
        // Of a host's addresses another one may be permitted.
        if refusal == .addressRefused { refusal = nil }
        return true
    }

    /// An earlier connection died. With a body, nothing but the head may have left on it; without, the whole request
    /// has, which matters unless the method is safe.
    private var mayBeWrittenAgain: Bool {
        bodyCount > 0 ? bodyOffset == 0 : request.method.mayBeRepeated && request.deadline == nil
    }

    /// Hands out the next piece of the body; `nil` aborts. libcurl writes the piece to the socket at once.
    func provideBody(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard let body = request.body, bodyOffset < body.count else { return 0 }
        if let deadline = request.deadline, deadline.hasPassed() {
            refusal = .deadlinePassed
            return nil
        }
        let count = min(buffer.count, body.count - bodyOffset)
        unsafe body.withUnsafeBytes { bytes in
            unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[bodyOffset..<bodyOffset + count]))
        }
        bodyOffset += count
        return count
    }

    func takeHeaderLine(_ line: UnsafeRawBufferPointer) -> Bool {
        guard unsafe answer.takeHeaderLine(line) else {
            refusal = .responseTooLarge
            return false
        }
        return true
    }

    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard unsafe answer.takeBody(bytes, limit: request.maxResponseBytes) else {
            if request.cutsLongResponse { isCut = true } else { refusal = .responseTooLarge }
            return false
        }
        return true
    }
}
