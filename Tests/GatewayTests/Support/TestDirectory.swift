import Foundation
import Gateway
import Synchronization

@testable import Directory

/// A directory with two tenants, made by hand.
final class TestDirectory: DirectorySource {
    static let apaKey = "sk_live_apa"
    static let omvKey = "sk_live_omv"
    static let pausedKey = "sk_live_paused"
    static let adminKey = "sa_admin"

    private let snapshot: Mutex<DirectorySnapshot?>

    init(isLoaded: Bool = true) {
        snapshot = Mutex(isLoaded ? Self.sample : nil)
    }

    var current: DirectorySnapshot? { snapshot.withLock { $0 } }

    func load() { snapshot.withLock { $0 = Self.sample } }

    /// The sample with limits of tenant apa.
    func limit(_ limits: TenantLimits) { snapshot.withLock { $0 = Self.sample(limits) } }

    static var sample: DirectorySnapshot { sample(TenantLimits()) }

    private static func sample(_ limits: TenantLimits) -> DirectorySnapshot {
        DirectorySnapshot(
            version: 1,
            accounts: [],
            tenants: [
                tenant(
                    1,
                    "apa",
                    from: ["apa.example", "shop@partner.example"],
                    routes: ["AT": route(10, rate: 30), "UK": route(20, rate: 10)],
                    limits: limits
                ),
                tenant(2, "omv", from: ["omv.example"], routes: ["*": route(30, rate: 2)]),
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
    }

    static var keys: [KeyRecord] {
        [key(apaKey, .tenant(1)), key(omvKey, .tenant(2)), key(pausedKey, .tenant(3)), key(adminKey, .admin)]
    }

    private static func key(_ text: String, _ owner: KeyRecord.Owner) -> KeyRecord {
        KeyRecord(id: UUID(), owner: owner, label: owner == .admin ? "ops" : "", hash: APIKey.hash(text))
    }

    private static func route(_ lane: Int32, rate: Int) -> Route {
        Route(path: "main", lanes: ["transactional": lane, "bulk": lane + 1], rate: rate)
    }

    private static func tenant(
        _ id: Int32,
        _ name: String,
        from domains: [String],
        routes: [String: Route],
        limits: TenantLimits = TenantLimits(),
        status: TenantDocument.Status = .active
    ) -> Tenant {
        Tenant(
            id: id,
            name: name,
            displayName: nil,
            fromDomains: domains,
            defaultRegion: "AT",
            limits: limits,
            unknownPolicy: .resend,
            status: status,
            routes: routes
        )
    }
}
