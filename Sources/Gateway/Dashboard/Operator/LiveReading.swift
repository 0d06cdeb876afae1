public import Directory

/// Says what an account does second by second, while somebody looks.
public protocol LiveReading: Sendable {
    /// Tells the nodes that somebody looks.
    func watch(accountID: Int32) async throws
    func seconds(accountID: Int32, after second: Int64) async throws -> [LiveSecond]
    func log(accountID: Int32, last count: Int) async throws -> [LiveSecond]
    func openLoans(accountID: Int32, limit: Int) async throws -> [LoanEntry]
}

extension LiveReader: LiveReading {}
