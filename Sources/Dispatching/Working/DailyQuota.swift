import Directory
import Logging
import Outbox

/// Leases a worker's part of the account's 24-hour quota before it runs out, and gives back what was not used.
struct DailyQuota: Sendable {
    private static let rhythm = Duration.seconds(1)
    private static let least = Duration.milliseconds(20)
    private static let retry = Duration.seconds(5)

    let accountID: Int32
    let services: DispatchServices
    let engine: AccountEngine

    func run() async {
        let store = DailyQuotaStore(pool: services.pool, accountID: accountID)
        var leasedIn: DailyQuotaStore.Minute?
        while !Task.isCancelled {
            let started = ContinuousClock.now
            let pause = await round(store, leasedIn: &leasedIn)
            try? await Task.sleep(for: pause == Self.retry ? Self.rhythm : Self.least)
            await engine.dailyBell.wait(until: started + pause)
        }
        // The next worker may use it.
        let left = engine.withDaily { $0.takeExpired(now: .now, all: true) }
        if left > 0, let leasedIn { try? await store.giveBack(left, of: leasedIn) }
    }

    private func round(_ store: DailyQuotaStore, leasedIn: inout DailyQuotaStore.Minute?) async -> Duration {
        let expired = engine.withDaily { $0.takeExpired(now: .now) }
        if expired > 0, let minute = leasedIn {
            // Lost when this fails: the quota then counts a little more than was sent, never less.
            try? await store.giveBack(expired, of: minute)
            leasedIn = nil
        }
        guard engine.isBusy, engine.withDaily({ $0.needsMore(now: .now) }) else { return Self.rhythm }
        let chunk = engine.withDaily { $0.chunk }
        guard let account = services.directory.current?.accounts[accountID] else { return Self.retry }
        do {
            let limit = account.dailyLimit
            let lease = try await store.lease(chunk, limit: limit.recipients, evenOut: limit.isEvenedOut)
            if lease.recipients > 0 {
                leasedIn = leasedIn ?? lease.minute
                engine.withDaily { $0.leased(lease.recipients, now: .now) }
                engine.leasedDaily()
                return Self.rhythm
            }
            engine.learn(.park(.dailyQuota, detail: lease.reason))
        } catch {
            return Self.rhythm
        }
        return Self.retry
    }
}

extension Account {
    /// Recipients in 24 hours; nil: what SES says.
    fileprivate var dailyLimit: (recipients: Int64?, isEvenedOut: Bool) {
        switch quota {
        case .fixed(_, let daily, let evenOut): (daily, evenOut)
        case .auto: (nil, false)
        }
    }
}
