/// A share as it is configured, directly below the account.
public struct SharePlan: Sendable, Equatable, Codable {
    public var name: String
    /// Its guarantee, in credits.
    public var rate: Int
    /// The most credits that it may hold; nil: the account's.
    public var ceiling: Int?
    public var lend: Bool

    public init(_ name: String, rate: Int, ceiling: Int?, lend: Bool = true) {
        self.name = name
        self.rate = rate
        self.ceiling = ceiling
        self.lend = lend
    }

    /// What it holds at most of an account of `credits`.
    public func most(of credits: Int) -> Int { ceiling ?? credits }

    /// In the words of a configuration file.
    public var yaml: String {
        let ceiling = ceiling == rate ? "" : ", ceiling: \(ceiling.map(String.init) ?? "null")"
        return "\(name): {rate: \(rate)\(ceiling)\(lend ? "" : ", lend: false")}"
    }
}
