import Foundation

/// What is to be written about one attempt.
struct DeliveryResult: Sendable {
    let delivery: ClaimedDelivery
    /// When the attempt began.
    let at: Date
    let duration: Duration
    let answer: DeliveryAnswer
    let verdict: DeliveryPolicy.Verdict

    /// The entry of the delivery's log; nil when nothing was tried.
    var logEntry: String? {
        switch verdict {
        case .released, .discarded: return nil
        case .delivered, .retry, .early, .failed, .gone: break
        }
        let (seconds, attoseconds) = duration.components
        let entry = LogEntry(
            at: at.formatted(.iso8601WithMilliseconds),
            statusCode: answer.statusCode,
            milliseconds: Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000),
            error: answer.error
        )
        return (try? JSONEncoder().encode(entry)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Where the delivery stands then.
    var status: DeliveryStatus {
        switch verdict {
        case .delivered: .delivered
        case .retry, .early, .released: .pending
        case .failed, .gone: .failed
        case .discarded: .discarded
        }
    }

    /// The delay until the queue row is due again; nil when it goes.
    var delay: Duration? {
        switch verdict {
        case .retry(let delay, _), .early(let delay, _): delay
        case .released: .zero
        case .delivered, .failed, .gone, .discarded: nil
        }
    }

    /// Whether it was one of the attempts of the schedule.
    var counts: Bool {
        if case .retry = verdict { true } else { false }
    }

    var hold: Duration? {
        switch verdict {
        case .retry(_, let hold), .early(_, let hold), .failed(let hold): hold
        case .delivered, .gone, .released, .discarded: nil
        }
    }

    private struct LogEntry: Encodable {
        let at: String
        let statusCode: Int?
        let milliseconds: Int
        let error: String?

        private enum CodingKeys: String, CodingKey {
            case at, error
            case statusCode = "status_code"
            case milliseconds = "duration_ms"
        }
    }
}

extension FormatStyle where Self == Date.ISO8601FormatStyle {
    /// RFC 3339 in UTC, as the API writes times.
    static var iso8601WithMilliseconds: Self {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    }
}
