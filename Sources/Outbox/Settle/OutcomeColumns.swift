import Mail
import Postgres

/// A batch of outcomes as columns, one element for each outbox row.
struct OutcomeColumns {
    /// Where the queue entry goes.
    enum Next: Int16 {
        case nowhere = 0
        case ready = 1
        case deferred = 2
    }

    var ids: [PostgresUUID] = []
    var entries: [PostgresUUID] = []
    var claims: [Int64] = []
    var statuses: [Int16] = []
    var attempts: [Int16] = []
    var sesIDs: [String?] = []
    var details: [String?] = []
    var next: [Int16] = []
    var lanes: [Int32] = []
    var priorities: [Int16] = []
    var recipients: [Int16] = []
    var delays: [Double] = []
    var reasons: [Int16] = []
    var events: [String?] = []
    var log = AttemptColumns()

    /// In the order of the rows' ids, in which everybody locks them.
    init(_ outcomes: [Outcome]) {
        let rows = outcomes.flatMap { outcome in outcome.call.rows.map { (row: $0, outcome: outcome) } }
        for (row, outcome) in rows.sorted(by: { $0.row.id < $1.row.id }) { append(row, of: outcome) }
    }

    private mutating func append(_ row: ClaimedCall.Row, of outcome: Outcome) {
        let call = outcome.call
        ids.append(row.id.uuid)
        entries.append(call.entry.uuid)
        claims.append(call.claimID)
        lanes.append(call.laneID)
        priorities.append(call.priority.rawValue)
        recipients.append(Int16(call.rows.count))
        append(outcome.result, attempt: row.attempt)
        // The rows of a call have moved together, or not at all: its first row stands for it.
        log.append(row.id == call.rows.first?.id ? outcome : nil)
    }

    private mutating func append(_ result: Outcome.Result, attempt: Int16) {
        let spent = attempt &+ 1
        switch result {
        case .sent(let sesID): append(.sent, spent, sesID: sesID, event: .sent)
        case .returned: append(.queued, attempt, next: .ready)
        case .postponed(let delay, let detail):
            append(.queued, attempt, detail: detail, next: .deferred, delay: delay, reason: .retry)
        case .retry(let delay, let detail):
            append(.queued, spent, detail: detail, next: .deferred, delay: delay, reason: .retry)
        case .failed(let detail): append(.failed, spent, detail: detail, event: .failed)
        case .unknown(let grace, let detail):
            append(.unknown, spent, detail: detail, next: .deferred, delay: grace, reason: .unknown, event: .unknown)
        case .expired: append(.expired, attempt, event: .expired)
        case .superseded: append(.sent, attempt)
        case .suppressed: append(.suppressed, attempt, event: .suppressed)
        }
    }

    private mutating func append(
        _ status: MessageStatus,
        _ attempt: Int16,
        sesID: String? = nil,
        detail: String? = nil,
        next: Next = .nowhere,
        delay: Duration = .zero,
        reason: DeferredReason = .retry,
        event: EventType? = nil
    ) {
        statuses.append(status.rank)
        attempts.append(attempt)
        sesIDs.append(sesID)
        details.append(detail)
        self.next.append(next.rawValue)
        delays.append(Double(delay.components.seconds) + Double(delay.components.attoseconds) / 1e18)
        reasons.append(reason.rawValue)
        events.append(event?.rawValue)
    }
}
