public import Directory
public import Foundation

/// All that the page of an account shows of what happens now.
public struct AccountView: Sendable {
    /// How many seconds the charts show, and how far behind the present they end: by then every node has spoken.
    public static let window = 90
    static let delay: Int64 = 2

    let account: Account
    let figures: AccountFigures
    /// In order; seconds in which nothing was said are missing.
    let seconds: [LiveSecond]
    /// Credits that were lent, by second; only since somebody looks.
    let lent: [Int64: Int]
    let loans: [LoanEntry]
    let now: Date

    public init(
        account: Account,
        figures: AccountFigures,
        seconds: [LiveSecond],
        lent: [Int64: Int],
        loans: [LoanEntry],
        now: Date
    ) {
        self.account = account
        self.figures = figures
        self.seconds = seconds
        self.lent = lent
        self.loans = loans
        self.now = now
    }

    /// The seconds of the charts, the latest last; nil for one of which nothing is known.
    var line: [LiveSecond?] {
        let known = Dictionary(seconds.map { ($0.second, $0) }) { first, _ in first }
        let last = Int64(now.timeIntervalSince1970) - Self.delay
        return (0..<Int64(Self.window)).map { known[last - Int64(Self.window) + 1 + $0] }
    }

    /// Lent credits in those seconds.
    var lentLine: [Double?] {
        let last = Int64(now.timeIntervalSince1970) - Self.delay
        return (0..<Int64(Self.window)).map { lent[last - Int64(Self.window) + 1 + $0].map(Double.init) }
    }

    func figures(of path: String) -> ShareFigures? { figures.shares.first { $0.path == path } }
}
