/// What was found in one run of the fault suite.
public struct FaultResult: Sendable, Codable {
    public struct Strike: Sendable, Codable {
        public var kind: FaultKind
        /// What was hit, or why nothing was.
        public var note: String
        public var isSkipped: Bool
        /// Seconds after the load began.
        public var at: Double
        public var seconds: Double
        /// Seconds from its end to the first further send, where no other fault was on by then.
        public var recovery: Double?

        public init(kind: FaultKind, note: String, isSkipped: Bool, at: Double, seconds: Double, recovery: Double?) {
            self.kind = kind
            self.note = note
            self.isSkipped = isSkipped
            self.at = at
            self.seconds = seconds
            self.recovery = recovery
        }
    }

    public var seed: UInt64
    public var layout: FaultPlan.Layout
    public var strikes: [Strike] = []
    /// Messages that were answered with 202, refused, and neither.
    public var accepted = 0
    public var refused = 0
    public var uncertain = 0
    /// Recipients that SES took.
    public var taken = 0
    public var duplicates = 0
    public var unknowns = 0
    public var over = 0
    public var overCeiling = 0
    public var lost: [String] = []
    public var phantoms: [String] = []
    public var unexplained: [String] = []
    public var wrong: [String] = []
    /// Seconds from the end of the last fault until nothing was left to do.
    public var drained = 0.0

    public init(seed: UInt64, layout: FaultPlan.Layout) {
        self.seed = seed
        self.layout = layout
    }

    public mutating func fill(_ check: FaultCheck) {
        taken = check.taken
        duplicates = check.duplicates
        unknowns = check.unknowns
        over = check.over
        overCeiling = check.overCeiling
        lost = check.lost
        phantoms = check.phantoms
        unexplained = check.unexplained
        wrong = check.wrong
    }

    public var isSound: Bool {
        lost.isEmpty && phantoms.isEmpty && unexplained.isEmpty && wrong.isEmpty && over == 0 && overCeiling == 0
    }

    /// Every finding, with what it is.
    public var findings: [String] {
        var findings = lost.map { "lost: \($0)" } + phantoms.map { "phantom: \($0)" }
        findings += unexplained.map { "duplicate: \($0)" } + wrong.map { "wrong: \($0)" }
        if over > 0 { findings.append("\(over) windows over the quota") }
        if overCeiling > 0 { findings.append("\(overCeiling) windows over a share's ceiling") }
        return findings
    }

    public var summary: String {
        let recoveries = strikes.compactMap(\.recovery)
        return """
            \(accepted) accepted, \(refused) refused, \(uncertain) uncertain, \(taken) taken, lost \(lost.count), phantom \
            \(phantoms.count), twice \(duplicates) of \(unknowns) unknown (\(unexplained.count) unexplained), windows over \
            \(over + overCeiling), wrong \(wrong.count); sends again after \
            \(recoveries.max().map(Figures.seconds) ?? "-") at most, drained in \(Figures.seconds(drained))
            """
    }
}
