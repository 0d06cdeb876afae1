import Coding
import Directory
import Hummingbird
import Mail
import Outbox
import Webhooks

extension Problem {
    /// The problem that an error of a lower layer is for a client; nil for one that is our own fault.
    init?(mapping error: any Error) {
        switch error {
        case let error as Problem: self = error
        case let error as AcceptError: self.init(error)
        case let error as DraftError: self.init(error)
        case let error as DirectoryError: self.init(error)
        case let error as EndpointError: self.init(error)
        case let error as DecodingError: self.init(DecodingFault(error))
        case is CancellationError: self = .draining()
        case let error as HTTPError:
            guard let problem = Self.framework(error) else { return nil }
            self = problem
        case _ where DatabaseAvailability.isOutage(error): self = .databaseUnavailable()
        case _ where DatabaseAvailability.isTooSlow(error): self = .tooSlow()
        case _ where DatabaseAvailability.isUnfitText(error):
            self.init(.invalidRequest, "the request holds a character that cannot be kept, such as NUL")
        default: return nil
        }
    }

    init(_ error: AcceptError) {
        let retryAfter = error.retryAfter ?? 1
        switch error.code {
        case .unavailable: self = .databaseUnavailable()
        case .full:
            self.init(.overloaded, "too many messages wait to be stored; try again", retryAfter: retryAfter)
        case .tenantFull:
            self.init(.queueFull, "too many messages of yours wait to be stored; try again", retryAfter: retryAfter)
        case .overLimit: self = error.limit.map { Problem($0) } ?? .internalError()
        case .stopping: self = .draining()
        case .refused: self = .refusedByDatabase()
        case .keyReused:
            self.init(
                .idempotencyKeyReused,
                "the Idempotency-Key was used for a request with another body or path in the last 24 hours; use a new key"
            )
        case .keyInUse:
            self.init(
                .idempotencyInProgress,
                "the first request with this Idempotency-Key is still being accepted; try again",
                retryAfter: retryAfter
            )
        // No word of trying again: that might send everything twice.
        case .inDoubt: self.init(.outcomeUnknown, error.message)
        default: self = .internalError()
        }
    }

    init(_ refusal: LimitRefusal) {
        switch refusal.limit {
        case .queued:
            self.init(
                .queueFull,
                "more than \(refusal.most) recipients of the tenant would wait to be sent (limits.queued); try again "
                    + "when some are",
                retryAfter: refusal.retryAfter
            )
        case .daily:
            self.init(
                .dailyLimit,
                "more than \(refusal.most) recipients of the tenant would be accepted in 24 hours (limits.daily)",
                retryAfter: refusal.retryAfter
            )
        }
    }

    init(_ error: DraftError) {
        guard error.isTooLarge else {
            self = .invalidMessage(error.failures)
            return
        }
        self.init(.tooLarge, error.failures.first { $0.pointer.isEmpty }?.detail ?? "the message is too large")
        errors = error.failures.filter { !$0.pointer.isEmpty }
    }

    init(_ error: EndpointError) {
        switch error.code {
        case .notFound: self.init(.notFound, error.message)
        case .conflict: self.init(.conflict, error.message)
        default: self.init(.invalidWebhook, error.message, errors: error.failures)
        }
    }

    init(_ fault: DecodingFault) {
        if fault.isSyntax {
            self.init(.invalidJSON, "the body is not well-formed JSON")
        } else {
            self = .invalidMessage([ValidationFailure(pointer: fault.pointer, detail: fault.detail)])
        }
    }

    /// What the router itself throws.
    private static func framework(_ error: HTTPError) -> Problem? {
        switch error.status {
        case .notFound: .notFound()
        case .badRequest: Problem(.invalidRequest, "the request cannot be understood")
        case .contentTooLarge: Problem(.tooLarge, "the request is too large", closesConnection: true)
        default: nil
        }
    }
}
