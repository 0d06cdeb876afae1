import Directory
import Outbox
import SES

/// What follows from the end of a call, for its rows and for its account (design.md section 6). Pure.
struct Verdict: Sendable {
    let result: Outcome.Result
    let effect: AccountEffect

    /// It goes back as it was, and nothing is said of the account.
    static let unharmed = Verdict(.returned, .none)

    init(
        of outcome: SendOutcome,
        attempt: Int,
        unknownGrace: Duration,
        terms: SenderTerms = .standard,
        using random: inout some RandomNumberGenerator
    ) {
        switch outcome {
        case .sent(let id):
            self.init(.sent(sesMessageID: id), .healthy)
        case .unknown(let failure):
            self.init(.unknown(grace: unknownGrace, detail: failure.message), .none)
        case .notSent(let failure):
            // It waits for whoever can put that right, as long as retries last.
            let kind = failure.isSendersOwn(terms) ? .temporary : failure.kind
            switch kind {
            // Not the message's fault: it keeps its place and its attempts.
            case .throttled: self.init(.returned, .throttled)
            case .dailyQuota: self.init(.returned, .park(.dailyQuota, detail: failure.message))
            case .accountPaused: self.init(.returned, .park(.pausedBySES, detail: failure.message))
            case .credentials: self.init(.returned, .park(.credentials, detail: failure.message))
            case .configuration: self.init(.returned, .park(.configuration, detail: failure.message))
            case .unreachable: self.init(.returned, .park(.unreachable, detail: failure.message))
            case .stopped: self.init(.returned, .none)
            case .rejected, .identityUnverified:
                self.init(.failed(detail: failure.message), .healthy)
            default:
                let words = failure.words(terms)
                guard let pause = RetryPolicy.pause(after: attempt, using: &random) else {
                    self.init(.failed(detail: "given up after \(attempt) attempts: \(words)"), .none)
                    return
                }
                self.init(.retry(delay: pause, detail: words), .none)
            }
        }
    }

    private init(_ result: Outcome.Result, _ effect: AccountEffect) {
        self.result = result
        self.effect = effect
    }
}
