import Capacity
import Directory
import Foundation
import Logging
import Outbox

/// Looks every few seconds at what waits for an account and at what is left of its 24-hour quota, for operators' gauges. Part of a
/// leader's term, so that one node of all does.
struct AccountWatch: Sendable {
    private static let interval = Duration.seconds(10)
    /// Looks take at most one part in so many of one of the server's cores.
    private static let share = 20
    private static let longest = Duration.seconds(120)

    let accountID: Int32
    let services: DispatchServices
    let logger: Logger

    /// Runs until it is cancelled.
    func run() async {
        let daily = DailyQuotaStore(pool: services.pool, accountID: accountID)
        var gauges: BacklogGauges?
        while !Task.isCancelled {
            let started = ContinuousClock.now
            if let directory = services.directory.current, let account = directory.accounts[accountID] {
                if gauges?.account != account.name {
                    gauges?.clear()
                    gauges = BacklogGauges(account: account.name)
                }
                do {
                    let lanes = directory.lanes.values.count { $0.accountID == accountID }
                    let backlog = try await Backlog.read(services.pool, accountID: accountID, lanes: lanes)
                    gauges?.show(backlog, shares: ShareLabel.labels(of: account), now: Date())
                    let use = try await daily.use(limit: account.dailyLimit.recipients)
                    gauges?.show(daily: use)
                } catch {
                    if !Task.isCancelled {
                        logger.debug("the backlog was not read", metadata: ["error": "\(error)"])
                    }
                }
            }
            let took = started.duration(to: .now)
            let pause = min(Self.longest, max(Self.interval, took * Self.share))
            try? await Task.sleep(for: pause)
        }
        gauges?.clear()
    }
}
