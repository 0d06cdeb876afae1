/// What a leader is to write now.
public struct GrantPlan: Sendable {
    /// A new number of credits for a share on a worker; the row is made when it is missing.
    public struct Change: Hashable, Sendable {
        public let share: Int32
        public let worker: Worker
        public let granted: Int

        public init(share: Int32, worker: Worker, granted: Int) {
            self.share = share
            self.worker = worker
            self.granted = granted
        }
    }

    /// What a share is to hold, and what it lacks of that until others have given back.
    public struct Figure: Sendable {
        public let share: Int32
        public let path: String
        public let guarantee: Int
        public let lends: Bool
        public let granted: Int
        public let target: Int
        public let wanted: Int
    }

    public internal(set) var changes: [Change] = []
    /// Rows that hold nothing and are placed elsewhere.
    public internal(set) var removals: [GrantRow] = []
    public internal(set) var figures: [Figure] = []
    /// The quota in force, less what others use, in recipients a second; to be written also when no grant changes.
    public internal(set) var rate: Double
    /// The rule that follows from it.
    public var rule: CreditRule { CreditRule(quota: rate) }
    public internal(set) var reserve = 0
    /// Some share waits for credits that others still have to give back.
    public internal(set) var isMoving = false
    /// To be planned again soon although nobody reports: turns, or a quota that recovers.
    public internal(set) var isRestless = false

    public var isEmpty: Bool { changes.isEmpty && removals.isEmpty }
}
