/// The sum of runs of the fault suite.
public struct FaultTotal: Sendable {
    public let runs: Int
    public let accepted: Int
    public let uncertain: Int
    public let taken: Int
    public let lost: Int
    public let phantoms: Int
    public let duplicates: Int
    public let unexplained: Int
    public let unknowns: Int
    public let over: Int
    public let wrong: Int
    /// Seconds until sending went on.
    public let recovery: Spread?

    /// - Parameter kind: of the strikes whose recovery counts; nil: all.
    public init(_ results: [FaultResult], kind: FaultKind? = nil) {
        func sum(_ value: (FaultResult) -> Int) -> Int { results.reduce(0) { $0 + value($1) } }
        runs = results.count
        accepted = sum(\.accepted)
        uncertain = sum(\.uncertain)
        taken = sum(\.taken)
        lost = sum(\.lost.count)
        phantoms = sum(\.phantoms.count)
        duplicates = sum(\.duplicates)
        unexplained = sum(\.unexplained.count)
        unknowns = sum(\.unknowns)
        over = sum { $0.over + $0.overCeiling }
        wrong = sum(\.wrong.count)
        recovery = Spread(
            results.flatMap(\.strikes).filter { kind == nil || $0.kind == kind }.compactMap(\.recovery)
        )
    }

    public var summary: String {
        let times = recovery.map { "p50 \(Figures.seconds($0.p50)), at most \(Figures.seconds($0.most))" } ?? "not seen"
        return """
            \(accepted) messages accepted, \(uncertain) uncertain, \(taken) recipients taken; lost \(lost), phantom \(phantoms), \
            twice \(duplicates) of \(unknowns) unknown (\(unexplained) unexplained), windows over \(over), wrong \(wrong); \
            sent again: \(times)
            """
    }
}
