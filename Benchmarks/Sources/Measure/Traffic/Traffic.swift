/// What was accepted from clients and what SES took of it, on one clock.
public struct Traffic: Sendable {
    /// A message that was answered with 202.
    public struct Acceptance: Sendable {
        /// Nanoseconds of CLOCK_BOOTTIME at which the client had read the answer.
        public var at: Int64
        public var share: Int
        public var recipients: Int
        /// The tenant's number.
        public var lane: Int

        public init(at: Int64, share: Int, recipients: Int, lane: Int = 0) {
            self.at = at
            self.share = share
            self.recipients = recipients
            self.lane = lane
        }
    }

    public var shares: [SharePlan]
    public var credits: Int
    public var accepted: [RowID: Acceptance]
    /// All calls, in the order of their instants.
    public var sends: [Send]
    /// The share of messages that nobody was promised but SES took (their 202 was lost).
    public var phantoms: [RowID: Int]

    public init(
        shares: [SharePlan],
        credits: Int,
        accepted: [RowID: Acceptance],
        sends: [Send],
        phantoms: [RowID: Int] = [:]
    ) {
        self.shares = shares
        self.credits = credits
        self.accepted = accepted
        self.sends = sends
        self.phantoms = phantoms
    }

    /// The share that a call was for; nil for a message that nobody knows.
    public func share(of send: Send) -> Int? {
        guard let message = send.row?.message else { return nil }
        return accepted[message]?.share ?? phantoms[message]
    }

    /// The calls that took up room in a second, or would have: of one share, or of all.
    public func offered(share: Int? = nil) -> [(at: Int64, recipients: Int)] {
        sends.filter { $0.isOffered && (share == nil || self.share(of: $0) == share) }.map { ($0.at, $0.recipients) }
    }

    /// How often each row was taken.
    public var taken: [RowID: Int] {
        sends.reduce(into: [:]) { if $1.outcome == .accepted, let row = $1.row { $0[row, default: 0] += 1 } }
    }

    /// Messages that SES took although nobody was promised them.
    public var unpromised: Set<RowID> { Set(taken.keys.map(\.message)).subtracting(accepted.keys) }

    /// Promised recipients that SES never took.
    public var lost: Int {
        let rows = Dictionary(grouping: taken.keys, by: \.message).mapValues(\.count)
        return accepted.reduce(0) { $0 + max(0, $1.value.recipients - (rows[$1.key] ?? 0)) }
    }
}
