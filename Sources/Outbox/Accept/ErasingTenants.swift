import Synchronization

/// Tenants that were seen to suppress addresses which were erased: their recipients' pseudonyms are asked for with the addresses,
/// which spares each later flush a second question. One that does so no longer costs some codes and nothing else.
final class ErasingTenants: Sendable {
    private static let most = 100_000

    private let tenants = Mutex<Set<Int32>>([])

    func known(of tenants: Set<Int32>) -> Set<Int32> { self.tenants.withLock { $0.intersection(tenants) } }

    func note(_ fresh: Set<Int32>) {
        tenants.withLock { tenants in
            if tenants.count + fresh.count > Self.most { tenants = [] }
            tenants.formUnion(fresh)
        }
    }
}
