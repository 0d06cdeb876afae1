import Foundation
import Mail
import Testing

@testable import Directory

/// What keys may do, and what they may hand on.
@Suite("Key grants") struct KeyGrantTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("An unrestricted grant covers everything, and every restriction is one")
    func excess() {
        let all = KeyGrant()
        let narrow = KeyGrant(
            scopes: [.send],
            domains: ["a.example"],
            regions: ["AT"],
            allowedIPs: ["192.0.2.0/24"],
            expiresAt: Self.now,
            isTest: true
        )
        #expect(all.excess(of: all) == nil && all.excess(of: narrow) == nil && narrow.excess(of: narrow) == nil)
        #expect(narrow.excess(of: all)?.hasPrefix("scopes: ") == true)
        func wider(_ change: (inout KeyGrant) -> Void) -> String? {
            var other = narrow
            change(&other)
            return narrow.excess(of: other)
        }
        #expect(wider { $0.isTest = false }?.hasPrefix("test: ") == true)
        #expect(wider { $0.domains = nil }?.hasPrefix("domains: ") == true)
        #expect(wider { $0.domains = ["b.a.example"] }?.hasPrefix("domains: ") == true)
        #expect(wider { $0.domains = ["x@a.example"] } == nil)
        #expect(wider { $0.regions = nil }?.hasPrefix("regions: ") == true)
        #expect(wider { $0.regions = ["AT", "UK"] }?.hasPrefix("regions: ") == true)
        #expect(wider { $0.allowedIPs = nil }?.hasPrefix("allowed_ips: ") == true)
        #expect(wider { $0.allowedIPs = ["192.0.2.0/23"] }?.hasPrefix("allowed_ips: ") == true)
        #expect(wider { $0.allowedIPs = ["192.0.2.128/25", "192.0.2.1/32"] } == nil)
        #expect(wider { $0.expiresAt = nil }?.hasPrefix("expires_at: ") == true)
        #expect(wider { $0.expiresAt = Self.now.addingTimeInterval(1) }?.hasPrefix("expires_at: ") == true)
        #expect(wider { $0.expiresAt = Self.now.addingTimeInterval(-1) } == nil)
    }

    @Test("An address that a key is bound to does not hand on its domain")
    func addresses() {
        let maker = KeyGrant(domains: ["shop@a.example"])
        #expect(maker.excess(of: KeyGrant(domains: ["a.example"])) != nil)
        #expect(maker.excess(of: KeyGrant(domains: ["shop@a.example"])) == nil)
        #expect(maker.excess(of: KeyGrant(domains: ["other@a.example"])) != nil)
    }

    @Test("What is not said is the maker's; null takes a restriction away")
    func changes() throws {
        var change = KeyChange()
        change.domains = .some(nil)
        change.scopes = [.read]
        let grant = KeyGrant(domains: ["a.example"], regions: ["AT"])
        let changed = try change.checked(now: Self.now).applied(to: grant)
        #expect(changed == KeyGrant(scopes: [.read], regions: ["AT"]))
    }

    @Test("Entries are kept as they are compared")
    func entries() throws {
        var change = KeyChange()
        change.domains = .some(["Bücher.example", "xn--bcher-kva.example", "A@B.example"])
        change.allowedIPs = .some(["::ffff:192.0.2.1", "192.0.2.1", "2001:DB8::1", "::ffff:192.0.2.0/120"])
        let checked = try change.checked(now: Self.now)
        #expect(checked.domains == ["a@b.example", "xn--bcher-kva.example"])
        #expect(checked.allowedIPs == ["192.0.2.0/24", "192.0.2.1/32", "2001:db8::1/128"])
        change.expiresAt = .some(Self.now)
        #expect(throws: KeyChange.Fault.self) { try change.checked(now: Self.now) }
        change.expiresAt = nil
        change.domains = .some((0...100).map { "d\($0).example" })
        #expect(throws: KeyChange.Fault.self) { try change.checked(now: Self.now) }
    }

    @Test(
        "Networks",
        arguments: [
            ("192.0.2.77", true), ("::ffff:192.0.2.77", true), ("192.0.3.1", false), ("2001:db8:1::5", true),
            ("2001:db9::1", false), ("", false), ("192.0.2.77:80", false), ("192.0.2.077", false),
            ("3221226061", false), ("192.0.2.77\0", false), ("192.0.2.77\0.evil.example", false),
            ("::ffff:c000:24d", true), ("64:ff9b::192.0.2.77", false),
        ]
    )
    func networks(address: String, isIn: Bool) throws {
        let networks = try #require(SourceNetworks(["192.0.2.0/24", "2001:db8::/32"]))
        #expect(networks.contains(address) == isIn)
    }

    @Test("A key is found by either of its secrets while they are valid")
    func find() throws {
        let (new, old) = (APIKey.generate(.live), APIKey.generate(.live))
        let key = KeyRecord(
            id: UUID(),
            owner: .tenant(1),
            grant: KeyGrant(expiresAt: Self.now.addingTimeInterval(100)),
            hash: APIKey.hash(new),
            old: (APIKey.hash(old), Self.now.addingTimeInterval(10))
        )
        let directory = DirectorySnapshot(version: 1, accounts: [], tenants: [], lanes: [], keys: [key])
        func isValid(_ text: String, after seconds: Double) -> Bool {
            if case .valid = directory.find(key: text, at: Self.now.addingTimeInterval(seconds)) { true } else { false }
        }
        #expect(isValid(new, after: 0) && isValid(old, after: 0) && isValid(old, after: 9.9))
        #expect(!isValid(old, after: 10) && isValid(new, after: 99) && !isValid(new, after: 100))
        guard case .expired(let date) = directory.find(key: old, at: Self.now.addingTimeInterval(11)) else {
            Issue.record("the old secret has expired")
            return
        }
        #expect(date == Self.now.addingTimeInterval(10))
        guard case .unknown = directory.find(key: APIKey.generate(.live), at: Self.now),
            case .malformed = directory.find(key: String(new.dropLast(3)), at: Self.now)
        else {
            Issue.record("a key that was never given out is unknown, and a short one is none")
            return
        }
    }
}
