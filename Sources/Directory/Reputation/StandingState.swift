/// What follows from the harm that a tenant's mail does to an account's standing with SES; each worse than the one before.
public enum StandingState: String, CaseIterable, Comparable, Sendable {
    case ok
    /// It is told.
    case warned
    /// Its lanes get no more than a floor.
    case slowed
    /// Nothing of it is accepted or sent; what waits is held.
    case paused

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The next worse.
    public var worse: StandingState { Self.allCases[min(rank + 1, Self.allCases.count - 1)] }

    public static func < (left: StandingState, right: StandingState) -> Bool { left.rank < right.rank }
}
