extension SimulatedSES {
    /// The answer to a call whose submissions ended as `results`.
    func reply(
        _ results: [Result<String, ServiceFailure>],
        to operation: SendRequest.Operation,
        fault: FaultRule.Fault?
    ) -> Reply {
        let isAccepted = results.contains { (try? $0.get()) != nil }
        if isAccepted, let reply = fault?.replyAfterAccept { return reply }
        guard operation == .bulk else {
            switch results.first {
            case .success(let id): return .success(#"{"MessageId":"\#(id)"}"#)
            case .failure(let failure): return .failure(failure)
            case nil: return .failure(.badRequest("Nothing to send"))
            }
        }
        let entries = results.map { result in
            switch result {
            case .success(let id):
                #"{"Status":"SUCCESS","MessageId":"\#(id)"}"#
            case .failure(let failure):
                #"{"Status":"\#(failure.bulkStatus)","Error":\#(JSONText.quoted(failure.message))}"#
            }
        }
        return .success(#"{"BulkEmailEntryResults":[\#(entries.joined(separator: ","))]}"#)
    }

    /// The answer to `GetAccount`: the limits in force and what was used of them.
    mutating func accountReply(_ fault: FaultRule.Fault?, at now: Int64) -> Reply {
        if let reply = fault?.replyAfterAccept { return reply }
        return .success(
            """
            {"DedicatedIpAutoWarmupEnabled":false,"EnforcementStatus":"HEALTHY","ProductionAccessEnabled":true,\
            "SendQuota":{"Max24HourSend":\(Double(quota.limit)),"MaxSendRate":\(rate.rate),\
            "SentLast24Hours":\(Double(quota.used(at: now)))},"SendingEnabled":true,\
            "SuppressionAttributes":{"SuppressedReasons":["BOUNCE","COMPLAINT"]}}
            """
        )
    }
}

extension FaultRule.Fault {
    /// The error that a refusing fault answers with, and what the ledger calls it; nil for faults that refuse nothing.
    var refusal: (ServiceFailure, Outcome)? {
        switch self {
        case .throttle: (.throttled, .throttledByFault)
        case .paused: (.paused, .paused)
        case .expiredToken: (.expiredToken, .expiredToken)
        case .status(let code, let error, let message, false):
            (ServiceFailure(status: code, code: error, message: message), .failed)
        default: nil
        }
    }

    /// What the ledger calls a send that was accepted under this fault.
    var acceptedOutcome: Outcome {
        switch self {
        case .status: .failedAfterAccept
        case .resetAfterBody: .resetAfterAccept
        case .hang: .hungAfterAccept
        case .invalidMessageID: .invalidMessageID
        default: .accepted
        }
    }

    /// What the client sees of a call in which something was accepted under this fault; nil for the usual answer.
    var replyAfterAccept: Reply? {
        switch self {
        case .status(let code, let error, let message, true):
            .failure(ServiceFailure(status: code, code: error, message: message))
        case .resetAfterBody: .reset
        case .hang(let limit): .hang(limit: limit)
        case .invalidMessageID(let body): .success(body)
        default: nil
        }
    }
}
