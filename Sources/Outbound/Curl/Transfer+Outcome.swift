import CCurl

extension Transfer {
    /// What libcurl's end of the transfer means; `now` is after the connection was given back or closed.
    func outcome(_ code: CURLcode, now: ContinuousClock.Instant) -> Inbox.Answer {
        guard code == CURLE_OK || isCut else { return .failure(failure(code, now: now)) }
        answer.answeredAt = now
        answer.connectionReused = easy.long(CURLINFO_NUM_CONNECTS) == 0
        answer.timings = timings(now: now)
        return .success(answer)
    }

    /// The error of a transfer that the client itself ended, and whose connection is closed.
    func failure(_ code: OutboundError.Code, _ text: String) -> OutboundError {
        OutboundError(
            code,
            message: "\(origin): \(text)",
            bytesLeft: wasLetThrough,
            wholeRequestLeft: isTaken && code != .deadlinePassed,
            endedAt: .now
        )
    }

    private func failure(_ curlCode: CURLcode, now: ContinuousClock.Instant) -> OutboundError {
        let code = refusal ?? Self.code(of: curlCode, wasLetThrough: wasLetThrough)
        let text =
            switch code {
            case .deadlinePassed: "the deadline for sending has passed"
            case .addressRefused: "the host's address is not one that requests may go to"
            case .rewindRefused: "the reused connection died; the request is not sent again"
            case .responseTooLarge: "the answer is longer than allowed"
            // libcurl's own text: before the request it speaks of hosts, ports and certificates only.
            case _ where !wasLetThrough: easy.message(for: curlCode)
            default: CurlEasy.generalMessage(for: curlCode)
            }
        return OutboundError(
            code,
            message: "\(origin): \(text)",
            bytesLeft: wasLetThrough,
            wholeRequestLeft: isTaken && code != .deadlinePassed,
            endedAt: now,
            curlCode: Int(curlCode.rawValue)
        )
    }

    private var origin: String { "\(request.method) \(request.origin ?? "")" }

    private static func code(of code: CURLcode, wasLetThrough: Bool) -> OutboundError.Code {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .unresolved
        case CURLE_COULDNT_CONNECT: .connectFailed
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_INITFAILED:
            .tls
        // libcurl is given the time for connecting only; on a second connection it counts as waiting for the answer.
        case CURLE_OPERATION_TIMEDOUT: .timedOut(wasLetThrough ? .response : .connect)
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: .reset
        case CURLE_SEND_FAIL_REWIND: .rewindRefused
        case CURLE_FILESIZE_EXCEEDED: .responseTooLarge
        case CURLE_URL_MALFORMAT: .invalidRequest
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .protocolError
        default: .other
        }
    }

    /// libcurl counts each time from the start of the transfer.
    private func timings(now: ContinuousClock.Instant) -> TransferTimings {
        var timings = TransferTimings()
        timings.queue = startedAt - call.acceptedAt
        timings.total = now - call.acceptedAt
        if let sentAt = answer.bodySentAt, let firstByteAt = answer.firstByteAt {
            timings.firstByte = max(.zero, firstByteAt - sentAt)
        }
        guard !answer.connectionReused else { return timings }
        let (lookedUp, connected) = (easy.time(CURLINFO_NAMELOOKUP_TIME_T), easy.time(CURLINFO_CONNECT_TIME_T))
        timings.nameLookup = lookedUp
        timings.connect = max(.zero, connected - lookedUp)
        timings.tls = max(.zero, easy.time(CURLINFO_APPCONNECT_TIME_T) - connected)
        return timings
    }
}
