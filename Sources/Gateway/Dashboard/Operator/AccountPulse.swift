import Dashboard
import Directory
import FoundationEssentials
import Synchronization

/// What an account does, as its page shows it: gathered once a second, however many pages are open.
final class AccountPulse: Sendable {
    private static let mostLoans = 50
    /// Nodes may speak late of a second: so many are asked for again.
    private static let overlap: Int64 = 3
    /// Figures are read again when so many times what reading them took has passed: a long queue costs more to count.
    private static let rest = 20

    private struct State {
        var seconds: [Int64: LiveSecond] = [:]
        var lent: [Int64: Int] = [:]
        var hasLog = false
        var watchedAt: ContinuousClock.Instant?
        var figures: AccountFigures?
        var loans: [LoanEntry] = []
        var figuresDueAt: ContinuousClock.Instant?
    }

    private let name: String
    private let services: AdminServices
    private let reader: any LiveReading
    private let state = Mutex(State())

    init(account name: String, services: AdminServices, reader: any LiveReading) {
        self.name = name
        self.services = services
        self.reader = reader
    }

    /// - Throws: problem `not_found` for an account that there is not.
    func view() async throws -> AccountView {
        guard let directory = services.directory.current else { throw Problem.databaseUnavailable() }
        guard let account = directory.account(named: name) else {
            throw Problem.notFound("there is no account '\(name)'")
        }
        try await watch(account)
        try await readSeconds(account)
        let (figures, loans) = try await figures(account)
        let now = Date()
        return state.withLock { state in
            let second = Int64(now.timeIntervalSince1970)
            state.lent[second - 1] = figures.shares.reduce(0) { $0 + $1.lent }
            let oldest = second - Int64(AccountView.window) - 5
            state.seconds = state.seconds.filter { $0.key > oldest }
            state.lent = state.lent.filter { $0.key > oldest }
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

    private func readSeconds(_ account: Account) async throws {
        let (isFirst, last) = state.withLock { ($0.hasLog == false, $0.seconds.keys.max()) }
        var found: [LiveSecond] = []
        if isFirst { found += try await reader.log(accountID: account.id, last: AccountView.window + 5) }
        let start = Int64(Date().timeIntervalSince1970) - Int64(AccountView.window) - 5
        let after = isFirst ? start : max(start, (last ?? start) - Self.overlap)
        found += try await reader.seconds(accountID: account.id, after: after)
        state.withLock { state in
            state.hasLog = true
            // What nodes say themselves comes last, and stands.
            for second in found { state.seconds[second.second] = second }
        }
    }

    private func figures(_ account: Account) async throws -> (AccountFigures, [LoanEntry]) {
        let known = state.withLock { state -> (AccountFigures, [LoanEntry])? in
            guard let figures = state.figures, let due = state.figuresDueAt, due > .now else { return nil }
            return (figures, state.loans)
        }
        if let known { return known }
        let started = ContinuousClock.now
        let figures = try await services.cluster.figures(of: account)
        let loans = try await reader.openLoans(accountID: account.id, limit: Self.mostLoans)
        state.withLock { state in
            state.figures = figures
            state.loans = loans
            state.figuresDueAt = .now + (ContinuousClock.now - started) * Self.rest
        }
        return (figures, loans)
    }
}
