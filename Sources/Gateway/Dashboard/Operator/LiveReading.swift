public import Directory
public import FoundationEssentials

/// Says what an account does second by second, while somebody looks.
public protocol LiveReading: Sendable {
    /// Tells the nodes that somebody looks.
    func watch(accountID: Int32) async throws
    /// - Returns: the time of the clock that the seconds go by, and what nodes have said.
    func seconds(accountID: Int32, last count: Int, after second: Int64?) async throws
        -> (now: Date, seconds: [LiveSecond])
    func log(accountID: Int32, last count: Int) async throws -> [LiveSecond]
    func openLoans(accountID: Int32, limit: Int) async throws -> [LoanEntry]
}

extension LiveReader: LiveReading {}
