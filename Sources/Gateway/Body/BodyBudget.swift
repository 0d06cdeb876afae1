import Synchronization

/// The bytes of request bodies that one listener holds in memory at once, bounded, of which one tenant may have half.
final class BodyBudget: Sendable {
    private struct Use {
        var all = 0
        var tenants: [String: Int] = [:]
    }

    private let limit: Int
    private let used = Mutex(Use())

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes `bytes`, or throws problem `queue_full` or `overloaded`.
    func take(_ bytes: Int, tenant: String?) throws(Problem) {
        let problem: Problem? = used.withLock { used in
            guard used.all + bytes <= limit else {
                return Problem(.overloaded, "too many large requests are arriving; try again", retryAfter: 1)
            }
            if let tenant {
                let own = used.tenants[tenant, default: 0] + bytes
                guard own <= limit / 2 else {
                    return Problem(
                        .queueFull,
                        "too many large requests of yours are arriving; try again",
                        retryAfter: 1
                    )
                }
                used.tenants[tenant] = own
            }
            used.all += bytes
            return nil
        }
        if let problem { throw problem }
    }

    func giveBack(_ bytes: Int, tenant: String?) {
        used.withLock { used in
            used.all -= bytes
            guard let tenant, let own = used.tenants[tenant] else { return }
            used.tenants[tenant] = own > bytes ? own - bytes : nil
        }
    }
}
