import Directory
import Logging
import Outbox
import SES

/// Asks SES for the quota of an account that is configured with `auto`, once a minute; SES answers such calls about once a
/// second, so more would be throttled.
struct QuotaWatch: Sendable {
    private static let interval = Duration.seconds(60)
    private static let retry = Duration.seconds(5)

    let account: Account
    let ses: SESClient
    let engine: AccountEngine
    let store: AccountStateStore
    let logger: Logger

    func run() async {
        guard case .auto = account.quota else { return }
        while !Task.isCancelled {
            let isKnown = await ask()
            try? await Task.sleep(for: isKnown ? Self.interval : Self.retry)
        }
    }

    private func ask() async -> Bool {
        do throws(SendFailure) {
            let status = try await ses.account()
            if !engine.knowsQuota { engine.learn(.healthy) }
            engine.setQuota(status.maxSendRate)
            if !status.sendingEnabled || status.enforcementStatus == "SHUTDOWN" {
                engine.learn(.park(.pausedBySES, detail: "SES says that sending is disabled for the account"))
            }
            try? await store.write(
                rate: status.maxSendRate,
                daily: status.max24HourSend,
                sent: status.sentLast24Hours,
                sandbox: !status.productionAccess,
                sendingEnabled: status.sendingEnabled
            )
            return true
        } catch {
            logger.warning("the account's quota is not known", metadata: ["error": "\(error)"])
            // A quota that cannot be asked for just now says nothing about sending.
            let detail = "the account's quota could not be asked for: \(error.message)"
            switch error.kind {
            case .credentials: engine.learn(.park(.credentials, detail: detail))
            case .configuration: engine.learn(.park(.configuration, detail: detail))
            case .accountPaused: engine.learn(.park(.pausedBySES, detail: detail))
            default: if !engine.knowsQuota { engine.learn(.park(.unreachable, detail: detail)) }
            }
            return false
        }
    }
}
