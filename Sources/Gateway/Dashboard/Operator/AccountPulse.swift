import Dashboard
import Directory
import FoundationEssentials
import Synchronization

/// What an account does, as its page shows it: gathered once a second, however many pages are open.
final class AccountPulse: Sendable {
    private static let mostLoans = 50
    /// Nodes may speak late of a second: so many are asked for again.
    private static let overlap: Int64 = 3
    private static let ahead: Int64 = 2

    private struct State {
        var seconds: [Int64: LiveSecond] = [:]
        var lent: [Int64: Int] = [:]
        var hasLog = false
        var watchedAt: ContinuousClock.Instant?
    }

    private let name: String
    private let services: AdminServices
    private let reader: any LiveReading
    private let readings: OperatorReadings
    private let loans = RestedReading<[LoanEntry]>()
    private let state = Mutex(State())

    init(account name: String, services: AdminServices, reader: any LiveReading, readings: OperatorReadings) {
        self.name = name
        self.services = services
        self.reader = reader
        self.readings = readings
    }

    /// - Throws: problem `not_found` for an account that there is not.
    func view() async throws -> AccountView {
        guard let directory = services.directory.current else { throw Problem.databaseUnavailable() }
        guard let account = directory.account(named: name) else {
            throw Problem.notFound("there is no account '\(name)'")
        }
        try await watch(account)
        let now = try await readSeconds(account)
        let figures = try await readings.figures(of: account, directory)
        let loans = try await loans.value {
            try await reader.openLoans(accountID: account.id, limit: Self.mostLoans)
        }
        return state.withLock { state in
            let second = Int64(now.timeIntervalSince1970)
            state.lent[second - 1] = figures.shares.reduce(0) { $0 + $1.lent }
            let oldest = second - Int64(AccountView.window) - 5
            // Of another database's clock, or of this one's before it was set back, is nothing kept that would lie ahead.
            state.seconds = state.seconds.filter { $0.key > oldest && $0.key <= second + Self.ahead }
            state.lent = state.lent.filter { $0.key > oldest && $0.key <= second }
            return AccountView(
                account: account,
                figures: figures,
                seconds: state.seconds.values.sorted { $0.second < $1.second },
                lent: state.lent,
                loans: loans,
                now: now
            )
        }
    }

    private func watch(_ account: Account) async throws {
        let isDue = state.withLock { state in
            guard state.watchedAt.map({ .now - $0 >= LiveWatch.renewal }) ?? true else { return false }
            state.watchedAt = .now
            return true
        }
        if isDue { try await reader.watch(accountID: account.id) }
    }

    /// - Returns: the database's time: all seconds are by its clock.
    private func readSeconds(_ account: Account) async throws -> Date {
        let (isFirst, last) = state.withLock { ($0.hasLog == false, $0.seconds.keys.max()) }
        var found: [LiveSecond] = []
        let window = AccountView.window + 5
        if isFirst { found += try await reader.log(accountID: account.id, last: window) }
        let after = isFirst ? nil : last.map { $0 - Self.overlap }
        let (now, seconds) = try await reader.seconds(accountID: account.id, last: window, after: after)
        found += seconds
        state.withLock { state in
            state.hasLog = true
            // What nodes say themselves comes last, and stands.
            for second in found { state.seconds[second.second] = second }
        }
        return now
    }
}
