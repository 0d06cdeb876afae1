/// An SES account that keeps its own promises: rate, 24 h quota, answers, ledger. Pure: no I/O and no clock of its own;
/// every `now` is in nanoseconds of CLOCK_BOOTTIME.
struct SimulatedSES {
    var rate: RateWindow
    var quota: DailyQuota
    var latency: LatencyRange
    private(set) var rules: FaultRules
    var ledger: Ledger
    var messages: MessageStore
    var suppressions = SuppressionList()
    var identities = IdentityBook()
    /// What was taken in the present call, for those who tell what becomes of it; empty where nobody does.
    private var accepted: [AcceptedSend] = []
    private let tells: Bool
    private var faults: FaultSchedule
    private var generator: SplitMix64
    private var ids: MessageIDs
    private var newest: Int64 = .min

    /// `salt` keeps the message ids of different runs apart.
    init(_ options: SimulatorOptions, salt: UInt64, at now: Int64) {
        rate = RateWindow(rate: options.rate)
        quota = DailyQuota(limit: options.daily)
        latency = options.latency
        rules = options.faults
        faults = FaultSchedule(options.faults, installedAt: now)
        ledger = Ledger(capacity: options.ledgerCapacity)
        messages = MessageStore(capacity: options.messageCapacity, bytes: options.messageBytes)
        generator = SplitMix64(seed: options.seed)
        ids = MessageIDs(salt: salt)
        tells = options.events != nil
    }

    mutating func install(_ rules: FaultRules, at now: Int64) {
        self.rules = rules
        faults = FaultSchedule(rules, installedAt: now)
    }

    /// The reset, if any, for a request of which only the head is known.
    mutating func early(_ operation: SendRequest.Operation, at now: Int64) -> FaultRule.Fault? {
        guard faults.hasEarlyRules, let fault = faults.early(operation, at: now, using: &generator) else { return nil }
        if operation != .account {
            ledger.append(
                at: monotonic(now),
                outboxID: nil,
                attempt: nil,
                recipients: 0,
                outcome: fault == .resetBeforeBody ? .resetBeforeBody : .resetDuringBody
            )
        }
        return fault
    }

    /// Draws latency, count instant and faults for a request that has been read whole.
    mutating func plan(_ request: SendRequest, at now: Int64) -> Plan {
        let (fault, delay) = faults.late(request, at: now, using: &generator)
        let total = latency.draw(using: &generator) + delay
        let before = total == 0 ? 0 : Int64.random(in: 0...total, using: &generator)
        return Plan(before: before, after: total - before, fault: fault)
    }

    /// Counts a request at `now` and decides its answer. `milliseconds` is the wall-clock time for message ids.
    mutating func count(
        _ request: SendRequest,
        fault: FaultRule.Fault?,
        at now: Int64,
        milliseconds: Int64
    ) -> Reply {
        let instant = monotonic(now)
        if let (failure, outcome) = fault?.refusal {
            for submission in request.submissions { record(submission, outcome, at: instant) }
            return .failure(failure)
        }
        if request.operation == .account { return accountReply(fault, at: instant) }
        if let refusal = request.refusal {
            if request.submissions.isEmpty { record(Submission(), .rejected, at: instant) }
            for submission in request.submissions { record(submission, .rejected, at: instant) }
            return .failure(refusal)
        }
        let outcome = fault?.acceptedOutcome ?? .accepted
        var results: [Result<String, ServiceFailure>] = []
        results.reserveCapacity(request.submissions.count)
        for submission in request.submissions {
            results.append(send(submission, as: outcome, at: instant, milliseconds: milliseconds))
        }
        return reply(results, to: request.operation, fault: fault)
    }

    /// Hands over what the last call accepted.
    mutating func takeAccepted() -> [AcceptedSend] {
        defer { accepted = [] }
        return accepted
    }

    /// The ledger's and the limits' clock never falls.
    private mutating func monotonic(_ now: Int64) -> Int64 {
        newest = max(newest, now)
        return newest
    }

    private mutating func send(
        _ submission: Submission,
        as outcome: Outcome,
        at now: Int64,
        milliseconds: Int64
    ) -> Result<String, ServiceFailure> {
        if let refusal = submission.refusal ?? identities.refusal(of: submission) {
            record(submission, .rejected, at: now)
            return .failure(refusal)
        }
        let recipients = submission.recipients.count
        let charged = recipients - submission.exempt
        guard charged == 0 || quota.admits(charged, at: now) else {
            record(submission, .dailyQuota, at: now)
            return .failure(.dailyQuota)
        }
        guard rate.admits(recipients, at: now) else {
            record(submission, .throttled, at: now)
            return .failure(.throttled)
        }
        rate.record(recipients, at: now)
        quota.record(charged, at: now)
        record(submission, outcome, at: now)
        let id = ids.next(milliseconds: milliseconds)
        messages.append(StoredMessage(id: id.text, at: now, submission: submission))
        if tells {
            accepted.append(
                AcceptedSend(
                    id: id,
                    milliseconds: milliseconds,
                    submission: submission,
                    isAnswered: outcome == .accepted,
                    suppressed: suppressions.found(in: submission.recipients)
                )
            )
        }
        return .success(id.text)
    }

    private mutating func record(_ submission: Submission, _ outcome: Outcome, at now: Int64) {
        ledger.append(
            at: now,
            outboxID: submission.outboxID,
            attempt: submission.attempt,
            recipients: submission.recipients.count,
            outcome: outcome
        )
    }
}
