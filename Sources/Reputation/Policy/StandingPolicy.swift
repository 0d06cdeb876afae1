public import Directory

/// Decides what follows from counts. Pure: thresholds, counts and the time go in, a state comes out.
///
/// A rate counts only in a window with enough sends, and only when it is more than a few mails: three bounces of five sends
/// mean nothing. What gets worse does at once. What gets better has to stay clearly below the limit for a while, so that nobody
/// goes up and down at the edge; and a pause is ended by somebody, never by the passing of time.
public struct StandingPolicy: Sendable {
    /// Fewer are chance.
    static let leastBounces = 5
    static let leastComplaints = 3
    /// The part of a limit that a rate has to fall below.
    static let ease = 0.75
    /// How long a state lasts before it gets better, in seconds; feedback comes minutes after the mail.
    static let patience: Int64 = 1800
    /// The same while nothing is known, because too little was sent.
    static let silence: Int64 = 86_400

    public let thresholds: ReputationThresholds

    public init(_ thresholds: ReputationThresholds) {
        self.thresholds = thresholds
    }

    /// What is to follow now.
    public struct Judgement: Equatable, Sendable {
        public let state: StandingState
        /// In words; nil where all is well, or nothing new is known.
        public let reason: String?
    }

    /// - Parameters:
    ///   - state: the present one, which began at `since`.
    ///   - isInDanger: the account as a whole comes near to SES's limits: then whoever has a part in it is judged one step harder.
    ///   - now: seconds since 1970, as `since` is.
    public func judge(
        _ tally: MailTally,
        state: StandingState,
        since: Int64,
        isInDanger: Bool,
        now: Int64
    ) -> Judgement {
        let worst = worst(tally, ease: 1, now: now)
        let due = harder(worst?.state ?? .ok, isInDanger)
        if due > state { return Judgement(state: due, reason: worst?.words) }
        guard state != .paused, state != .ok else { return Judgement(state: state, reason: worst?.words) }
        let eased = self.worst(tally, ease: Self.ease, now: now)
        let better = harder(eased?.state ?? .ok, isInDanger)
        let isKnown = CountWindow.allCases.contains { tally.counts($0, now: now).sent >= thresholds.minimumSent }
        guard better < state, now - since >= (isKnown ? Self.patience : Self.silence) else {
            return Judgement(state: state, reason: worst?.words)
        }
        return Judgement(state: better, reason: better == .ok ? nil : eased?.words)
    }

    /// The account's own standing, from the counts of all its mail. It is never slowed or paused by us: `slowed` says that it is
    /// in danger, and that its tenants are judged harder.
    public func judgeAccount(_ tally: MailTally, state: StandingState, since: Int64, now: Int64) -> Judgement {
        let judgement = judge(tally, state: state, since: since, isInDanger: false, now: now)
        return Judgement(state: min(judgement.state, .slowed), reason: judgement.reason)
    }

    /// The parts of an account's mail that bounced and that led to complaints, as far as they mean something; 0 where they are
    /// chance. For alerts.
    func telling(_ counts: MailCounts) -> (bounces: Double, complaints: Double) {
        guard counts.sent >= thresholds.minimumSent else { return (0, 0) }
        return (
            counts.bounced >= Self.leastBounces ? counts.bounceRate / 100 : 0,
            counts.complained >= Self.leastComplaints ? counts.complaintRate / 100 : 0
        )
    }

    private func harder(_ state: StandingState, _ isInDanger: Bool) -> StandingState {
        isInDanger && state != .ok ? state.worse : state
    }

    private func worst(_ tally: MailTally, ease: Double, now: Int64) -> Finding? {
        var worst: Finding?
        for window in CountWindow.allCases {
            let counts = tally.counts(window, now: now)
            guard counts.sent >= thresholds.minimumSent else { continue }
            for finding in [
                bounces(counts, in: window, ease: ease), complaints(counts, in: window, ease: ease),
            ] {
                if let finding, finding.state > worst?.state ?? .ok { worst = finding }
            }
        }
        return worst
    }

    private func bounces(_ counts: MailCounts, in window: CountWindow, ease: Double) -> Finding? {
        guard counts.bounced >= Self.leastBounces else { return nil }
        return finding(.bounce, counts.bounceRate, thresholds.bounce, counts, window, ease)
    }

    private func complaints(_ counts: MailCounts, in window: CountWindow, ease: Double) -> Finding? {
        guard counts.complained >= Self.leastComplaints else { return nil }
        return finding(.complaint, counts.complaintRate, thresholds.complaint, counts, window, ease)
    }

    private func finding(
        _ harm: Finding.Harm,
        _ rate: Double,
        _ levels: ReputationThresholds.Levels,
        _ counts: MailCounts,
        _ window: CountWindow,
        _ ease: Double
    ) -> Finding? {
        let steps: [(StandingState, Double)] = [
            (.paused, levels.pause), (.slowed, levels.slow), (.warned, levels.warn),
        ]
        guard let (state, limit) = steps.first(where: { rate >= $0.1 * ease }) else { return nil }
        return Finding(state: state, harm: harm, window: window, counts: counts, limit: limit)
    }
}
