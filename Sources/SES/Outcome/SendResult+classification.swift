import AWS
import FoundationEssentials
import Outbound

extension SendResult {
    private struct Acceptance: Decodable {
        // SES's name.
        private enum CodingKeys: String, CodingKey {
            case messageID = "MessageId"
        }

        let messageID: String
    }

    /// The result of a call that was answered.
    init(_ reply: AWSReply) {
        self.init(
            outcome: Self.outcome(of: reply),
            bodySentAt: reply.bodySentAt,
            endedAt: reply.answeredAt,
            isAnswered: true
        )
    }

    private static func outcome(of reply: AWSReply) -> SendOutcome {
        if let error = reply.serviceError {
            let refusal = Refusal(error: error)
            if refusal.isCertain { return .notSent(refusal.failure) }
            guard reply.bodySentAt != nil else {
                // The answer came first and ended the exchange: SES never had the whole request.
                return .notSent(SendFailure(.temporary, code: error.code, message: refusal.failure.message))
            }
            return .unknown(refusal.failure)
        }
        guard let acceptance = try? JSONDecoder().decode(Acceptance.self, from: Data(reply.body)),
            !acceptance.messageID.isEmpty
        else {
            return .unknown(
                SendFailure(.ambiguous, message: "the answer has status \(reply.status), but no message id of SES")
            )
        }
        return .sent(messageID: acceptance.messageID)
    }

    /// The result of a call without an answer.
    init(_ error: AWSError) {
        let transport = error.transport
        let failure = SendFailure(error)
        self.init(
            outcome: failure.kind == .ambiguous ? .unknown(failure) : .notSent(failure),
            endedAt: transport?.endedAt ?? .now,
            isAnswered: false
        )
    }
}

extension SendFailure {
    /// What a call without an answer means.
    init(_ error: AWSError) {
        let kind: Kind =
            switch error.code {
            case .noCredentials, .credentials: .credentials
            case .configuration: .configuration
            case .cancelled: .stopped
            default: error.transport.map(Self.kind(of:)) ?? .temporary
            }
        self.init(kind, message: FailureText.clean(error.message))
    }

    private static func kind(of error: OutboundError) -> Kind {
        // Without its last byte no request was ever acted on.
        guard !error.wholeRequestLeft else { return .ambiguous }
        switch error.code {
        case .unresolved, .connectFailed, .tls, .timedOut(.connect): return .unreachable
        case .deadlinePassed, .cancelled, .shutDown, .resetByClient: return .stopped
        case .invalidRequest: return .configuration
        default: return .temporary
        }
    }
}
