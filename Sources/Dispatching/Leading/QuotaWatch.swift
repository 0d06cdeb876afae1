import Directory
import Logging
import Outbox
import SES

/// Asks SES for the quota of an account that is configured with `auto`, once a minute; SES answers such calls about once a
/// second, so more would be throttled. Part of a leader's term, so that it is asked once for all nodes.
struct QuotaWatch: Sendable {
    private static let interval = Duration.seconds(60)
    private static let retry = Duration.seconds(5)
    private static let idle = Duration.seconds(1)

    let accountID: Int32
    let services: DispatchServices
    let mind: LeaderMind
    let logger: Logger

    func run() async {
        let store = AccountStateStore(pool: services.pool, accountID: accountID)
        var askAt = ContinuousClock.now
        while !Task.isCancelled {
            if let account = services.directory.current?.accounts[accountID], case .auto = account.quota,
                ContinuousClock.now >= askAt
            {
                askAt = .now + (await ask(account, store: store) ? Self.interval : Self.retry)
            }
            try? await Task.sleep(for: Self.idle)
        }
    }

    private func ask(_ account: Account, store: AccountStateStore) async -> Bool {
        do {
            let status = try await services.client(for: account, logger: logger).ses.account()
            let engine = services.engine(of: accountID)
            // Whatever kept the quota from being known is over.
            if !mind.knowsQuota { engine?.learn(.healthy) }
            mind.setQuota(asked: status.maxSendRate)
            services.bells(of: accountID).leader.ring()
            let isEnabled = status.sendingEnabled && status.enforcementStatus != "SHUTDOWN"
            if !isEnabled {
                engine?.learn(.park(.pausedBySES, detail: "SES says that sending is disabled for the account"))
            }
            try? await store.write(
                rate: status.maxSendRate,
                daily: status.max24HourSend,
                sent: status.sentLast24Hours,
                sandbox: !status.productionAccess,
                sendingEnabled: isEnabled
            )
            return true
        } catch let failure as SendFailure {
            logger.warning("the account's quota is not known", metadata: ["error": "\(failure)"])
            learn(failure)
        } catch {
            logger.error("the account cannot be used", metadata: ["error": "\(error)"])
        }
        return false
    }

    /// A quota that cannot be asked for just now says nothing about sending; these reasons do.
    private func learn(_ failure: SendFailure) {
        let detail = "the account's quota could not be asked for: \(failure.message)"
        let park: AccountPark? =
            switch failure.kind {
            case .credentials: .credentials
            case .configuration: .configuration
            case .accountPaused: .pausedBySES
            default: mind.knowsQuota ? nil : .unreachable
            }
        if let park { services.engine(of: accountID)?.learn(.park(park, detail: detail)) }
    }
}
