import Capacity
import Directory
import Logging

/// All that a node does for one account: it works for it in every life of the node, and leads it when it is elected.
struct AccountRunner: Sendable {
    let accountID: Int32
    let services: DispatchServices

    /// Returns when cancelled, when the account is gone, or, after a stop, when every call has ended.
    func run() async {
        let logger = services.logger(for: accountID)
        let name = services.directory.current?.accounts[accountID]?.name
        if let name { LeaderMetrics.begin(name) }
        await withTaskGroup { group in
            group.addTask { await AccountLeader(accountID: accountID, services: services, logger: logger).run() }
            await work(logger)
            // Up to here the leader may have been needed to hand over the credits.
            group.cancelAll()
        }
        if let name, let directory = services.directory.current, directory.account(named: name) == nil {
            LeaderMetrics.forget(name)
            BacklogGauges.forget(name)
            WorkerMetrics.forget(name)
        }
    }

    private func work(_ logger: Logger) async {
        while !Task.isCancelled, !services.isStopping, services.directory.current?.accounts[accountID] != nil {
            guard let lease = services.leases.held, lease.isTrusted else {
                try? await Task.sleep(for: .milliseconds(50))
                continue
            }
            await AccountWorker(accountID: accountID, lease: lease, services: services, logger: logger).run()
            // A life that is over may still be the one that is held for a moment.
            if services.leases.held?.life == lease.life { try? await Task.sleep(for: .milliseconds(50)) }
        }
    }
}
