import Foundation
import Gateway
import Mail
import Synchronization
import Testing

@testable import Directory

/// A directory with two tenants, made by hand.
final class TestDirectory: DirectorySource {
    static let apaKey = "sk_live_apa"
    static let omvKey = "sk_live_omv"
    static let pausedKey = "sk_live_paused"
    static let harmfulKey = "sk_live_harmful"
    static let adminKey = "sa_admin"
    /// Of `apa`, each with something that it may not do.
    static let narrowKey = "sk_live_narrow"
    static let homeKey = "sk_live_home"
    static let awayKey = "sk_live_away"
    static let expiredKey = "sk_live_expired"
    static let makerKey = "sk_live_maker"
    static let testKey = "sk_test_apa"

    static func onlyKey(_ scope: KeyScope) -> String { "sk_live_only_\(scope.rawValue)" }
    static func withoutKey(_ scope: KeyScope) -> String { "sk_live_without_\(scope.rawValue)" }

    /// From a tenant to the one in which its tests live.
    static let testOffset: Int32 = 100

    private let snapshot: Mutex<DirectorySnapshot?>

    init(isLoaded: Bool = true) {
        snapshot = Mutex(isLoaded ? Self.sample : nil)
    }

    var current: DirectorySnapshot? { snapshot.withLock { $0 } }

    func load() { snapshot.withLock { $0 = Self.sample } }

    static let unsubscribeKey = UnsubscribeKey(Array(repeating: 7, count: 32))

    /// Of a link in a mail of apa's.
    static func unsubscribeToken() throws -> String {
        let copy = try #require(OutboxID("018f0000-0000-7000-8000-000000000001"))
        return unsubscribeKey.token(of: Unsubscription(tenantID: 1, copy: copy, email: "ann@b.example"))
    }

    /// The sample with limits of tenant apa.
    func limit(_ limits: TenantLimits) { snapshot.withLock { $0 = Self.sample(limits) } }

    /// The sample a change later: without a key.
    func revoke(_ key: String) {
        snapshot.withLock { $0 = Self.sample(version: 2, keys: Self.keys.filter { $0.hash != APIKey.hash(key) }) }
    }

    /// The sample a change later: tenant apa has other settings.
    func change(from domains: [String], _ status: TenantDocument.Status = .active) {
        snapshot.withLock { $0 = Self.sample(version: 2, from: domains, status) }
    }

    static var sample: DirectorySnapshot { sample() }

    private static func sample(
        _ limits: TenantLimits = TenantLimits(),
        version: Int64 = 1,
        from domains: [String] = ["apa.example", "shop@partner.example"],
        _ status: TenantDocument.Status = .active,
        keys: [KeyRecord] = TestDirectory.keys
    ) -> DirectorySnapshot {
        var snapshot = DirectorySnapshot(
            version: version,
            accounts: [],
            tenants: [
                tenant(
                    1,
                    "apa",
                    from: domains,
                    routes: ["AT": route(10, rate: 30), "UK": route(20, rate: 10)],
                    limits: limits,
                    status: status
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
        var keys = [
            key(apaKey, .tenant(1)), key(omvKey, .tenant(2)), key(pausedKey, .tenant(3)),
            key(harmfulKey, .tenant(4)), key(adminKey, .admin),
            key(narrowKey, .tenant(1), KeyGrant(domains: ["shop@partner.example"], regions: ["AT"])),
            key(homeKey, .tenant(1), KeyGrant(allowedIPs: ["127.0.0.0/8"])),
            key(awayKey, .tenant(1), KeyGrant(allowedIPs: ["203.0.113.0/24", "2001:db8::/32"])),
            key(expiredKey, .tenant(1), KeyGrant(expiresAt: Date(timeIntervalSince1970: 1_000_000_000))),
            key(makerKey, .tenant(1), KeyGrant(scopes: [.keys, .send], domains: ["apa.example"], regions: ["AT"])),
            key(testKey, .tenant(1), KeyGrant(isTest: true)),
        ]
        for scope in KeyScope.allCases {
            keys.append(key(onlyKey(scope), .tenant(1), KeyGrant(scopes: [scope])))
            keys.append(
                key(withoutKey(scope), .tenant(1), KeyGrant(scopes: Set(KeyScope.allCases).subtracting([scope])))
            )
        }
        return keys
    }

    private static func key(
        _ text: String,
        _ owner: KeyRecord.Owner,
        _ grant: KeyGrant = KeyGrant()
    ) -> KeyRecord {
        KeyRecord(
            id: UUID(),
            owner: owner,
            label: owner == .admin ? "ops" : "",
            grant: grant,
            hash: APIKey.hash(text)
        )
    }

    /// Its tenant's mail there did too much harm.
    private static var harmful: Route {
        var route = route(50, rate: 2)
        route.isPaused = true
        return route
    }

    private static func route(_ lane: Int32, rate: Int) -> Route {
        Route(
            path: "main",
            lanes: ["transactional": lane, "bulk": lane + 1],
            rate: rate,
            testLanes: ["transactional": lane + 1000, "bulk": lane + 1001]
        )
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
            routes: routes,
            testID: id + testOffset
        )
    }
}
