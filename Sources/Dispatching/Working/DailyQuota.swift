import Directory
import Logging
import Outbox

/// Leases a worker's part of the account's 24-hour quota before it runs out, and gives back what was not used.
struct DailyQuota: Sendable {
    private static let rhythm = Duration.seconds(1)
    private static let least = Duration.milliseconds(20)
    private static let retry = Duration.seconds(5)

    let store: DailyQuotaStore
    let accountID: Int32
    let services: DispatchServices
    let engine: AccountEngine

    /// Runs until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            let started = ContinuousClock.now
            let pause = await round()
            try? await Task.sleep(for: pause == Self.retry ? Self.rhythm : Self.least)
            await engine.dailyBell.wait(until: started + pause)
        }
    }

    /// What is left at the end is for the next worker.
    func giveBackRest() async {
        await giveBack(engine.withDaily { $0.takeExpired(now: .now, all: true) })
    }

    /// What cannot be given back is lost: the quota then counts a little more than was sent, never less.
    private func giveBack(_ chunk: DailyAllowance.Chunk?) async {
        guard let chunk, chunk.recipients > 0 else { return }
        try? await store.giveBack(chunk.recipients, of: chunk.minute)
    }

    private func round() async -> Duration {
        await giveBack(engine.withDaily { $0.takeExpired(now: .now) })
        guard engine.isBusy, engine.withDaily({ $0.needsMore(now: .now) }),
            let account = services.directory.current?.accounts[accountID]
        else { return Self.rhythm }
        let limit = account.dailyLimit
        do {
            let lease = try await store.lease(
                engine.withDaily(\.chunk),
                limit: limit.recipients,
                evenOut: limit.isEvenedOut
            )
            if lease.recipients > 0 {
                let wasSpent = engine.withDaily { $0.leased(lease.recipients, in: lease.minute, now: .now) }
                if wasSpent { engine.unparkDaily() }
                engine.bell.ring()
                return Self.rhythm
            }
            let isSpent = engine.withDaily { daily in
                daily.foundNothing()
                return daily.limit(now: .now) == 0
            }
            if isSpent { engine.learn(.park(.dailyQuota, detail: lease.reason)) }
            return Self.retry
        } catch {
            return Self.rhythm
        }
    }
}

extension Account {
    /// Recipients in 24 hours; nil: what SES says.
    var dailyLimit: (recipients: Int64?, isEvenedOut: Bool) {
        switch quota {
        case .fixed(_, let daily, let evenOut): (daily, evenOut)
        case .auto: (nil, false)
        }
    }
}
