import Foundation
import Gateway
import Synchronization

@testable import Directory

/// A directory with two tenants, made by hand.
final class TestDirectory: DirectorySource {
    static let apaKey = "sk_live_apa"
    static let omvKey = "sk_live_omv"
    static let pausedKey = "sk_live_paused"
    static let harmfulKey = "sk_live_harmful"
    static let adminKey = "sa_admin"

    private let snapshot: Mutex<DirectorySnapshot?>

    init(isLoaded: Bool = true) {
        snapshot = Mutex(isLoaded ? Self.sample : nil)
    }

    var current: DirectorySnapshot? { snapshot.withLock { $0 } }

    func load() { snapshot.withLock { $0 = Self.sample } }

    static let unsubscribeKey = UnsubscribeKey(Array(repeating: 7, count: 32))

    static var sample: DirectorySnapshot {
        var snapshot = DirectorySnapshot(
            version: 1,
            accounts: [],
            tenants: [
                tenant(
                    1,
                    "apa",
                    from: ["apa.example", "shop@partner.example"],
                    routes: ["AT": route(10, rate: 30), "UK": route(20, rate: 10)]
                ),
                tenant(2, "omv", from: ["omv.example"], routes: ["*": route(30, rate: 2)]),
                tenant(4, "stopped", from: ["harmful.example"], routes: ["AT": harmful]),
                tenant(3, "paused", from: ["paused.example"], routes: ["AT": route(40, rate: 2)], status: .paused),
            ],
            lanes: [
                Lane(
                    id: 10,
                    accountID: 1,
                    shareID: 1,
                    tenantID: 1,
                    stream: "transactional",
                    weight: 1,
                    name: "main/AT/apa/transactional"
                )
            ],
            keys: keys
        )
        snapshot.unsubscribeKey = unsubscribeKey
        return snapshot
    }

    static var keys: [KeyRecord] {
        [key(apaKey, .tenant(1)), key(omvKey, .tenant(2)), key(pausedKey, .tenant(3)), key(harmfulKey, .tenant(4)), key(adminKey, .admin)]
    }

    private static func key(_ text: String, _ owner: KeyRecord.Owner) -> KeyRecord {
        KeyRecord(id: UUID(), owner: owner, label: owner == .admin ? "ops" : "", hash: APIKey.hash(text))
    }

    /// Its tenant's mail there did too much harm.
    private static var harmful: Route {
        var route = route(50, rate: 2)
        route.isPaused = true
        return route
    }

    private static func route(_ lane: Int32, rate: Int) -> Route {
        Route(path: "main", lanes: ["transactional": lane, "bulk": lane + 1], rate: rate)
    }

    private static func tenant(
        _ id: Int32,
        _ name: String,
        from domains: [String],
        routes: [String: Route],
        status: TenantDocument.Status = .active
    ) -> Tenant {
        Tenant(
            id: id,
            name: name,
            displayName: nil,
            fromDomains: domains,
            defaultRegion: "AT",
            unknownPolicy: .resend,
            status: status,
            routes: routes
        )
    }
}
