import Foundation
import Gateway
import Synchronization

@testable import Directory

/// Keys in memory, made by the real rules, and what was noted of their use.
final class TestKeys: KeyAdministering, KeyUseNoting {
    private struct State {
        var keys: [(tenant: String, info: KeyInfo)] = []
        var uses = 0
        var refreshes = 0
        var next = 0
    }

    private let state = Mutex(State())

    /// How often a key was used.
    var uses: Int { state.withLock { $0.uses } }
    var refreshes: Int { state.withLock { $0.refreshes } }

    var services: KeyServices {
        KeyServices(store: self, uses: self) { self.state.withLock { $0.refreshes += 1 } }
    }

    func note(_ key: UUID, at time: Date) { state.withLock { $0.uses += 1 } }

    func create(
        tenant name: String,
        _ wanted: KeyChange,
        within maker: KeyMaker?,
        actor: String
    ) async throws -> KeyStore.Issued {
        let grant = wanted.applied(to: maker?.grant ?? KeyGrant())
        try KeyStore.check(grant, within: maker?.grant)
        let key = APIKey.generate(grant.isTest ? .test : .live)
        let info = state.withLock { state in
            state.next += 1
            let info = Self.info(state.next, wanted.name ?? "", key, grant, tenant: name)
            state.keys.append((name, info))
            return info
        }
        return KeyStore.Issued(info: info, key: key)
    }

    func keys(of holder: KeyHolder, limit: Int, after: UUID?, before: UUID?) async throws -> [KeyInfo] {
        let all = state.withLock { $0.keys.filter { Self.isIts($0, holder) }.map(\.info) }
        if let before { return Array(all.filter { $0.id.uuidString < before.uuidString }.suffix(limit)) }
        return Array(all.filter { key in after.map { key.id.uuidString > $0.uuidString } ?? true }.prefix(limit))
    }

    func key(_ id: UUID, of holder: KeyHolder) async throws -> KeyInfo? {
        state.withLock { $0.keys.first { $0.info.id == id && Self.isIts($0, holder) }?.info }
    }

    func change(
        _ id: UUID,
        _ change: KeyChange,
        of holder: KeyHolder,
        within maker: KeyMaker?,
        actor: String
    ) async throws -> KeyInfo {
        guard let key = try await key(id, of: holder) else { throw Self.notFound() }
        let grant = change.applied(to: key.grant)
        try KeyStore.check(grant, within: maker?.grant)
        return replace(key, name: change.name ?? key.name, grant, hint: key.hint)
    }

    func rotate(
        _ id: UUID,
        overlap: Duration,
        of holder: KeyHolder,
        within maker: KeyMaker?,
        actor: String
    ) async throws -> KeyStore.Issued {
        guard let old = try await key(id, of: holder) else { throw Self.notFound() }
        try KeyStore.check(old.grant, within: maker?.grant)
        let key = APIKey.generate(old.grant.isTest ? .test : .live)
        let until = Date(timeIntervalSince1970: Double(overlap.components.seconds))
        return KeyStore.Issued(info: replace(old, name: old.name, old.grant, hint: "", until: until), key: key)
    }

    func revoke(_ id: UUID, of holder: KeyHolder, by maker: KeyMaker?, actor: String) async throws {
        guard try await key(id, of: holder) != nil else { throw Self.notFound() }
        state.withLock { $0.keys.removeAll { $0.info.id == id } }
    }

    private func replace(
        _ key: KeyInfo,
        name: String,
        _ grant: KeyGrant,
        hint: String,
        until: Date? = nil
    ) -> KeyInfo {
        let changed = KeyInfo(
            id: key.id,
            name: name,
            hint: hint,
            grant: grant,
            tenant: key.tenant,
            createdAt: key.createdAt,
            oldKeyUntil: until
        )
        state.withLock { state in
            guard let index = state.keys.firstIndex(where: { $0.info.id == key.id }) else { return }
            state.keys[index].info = changed
        }
        return changed
    }

    private static func info(_ number: Int, _ name: String, _ key: String, _ grant: KeyGrant, tenant: String) -> KeyInfo
    {
        let digits = String(number)
        let text = "00000000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        return KeyInfo(
            id: UUID(uuidString: text) ?? UUID(),
            name: name,
            hint: APIKey.hint(key),
            grant: grant,
            tenant: tenant,
            createdAt: Date(timeIntervalSince1970: 1_770_000_000)
        )
    }

    private static func isIts(_ key: (tenant: String, info: KeyInfo), _ holder: KeyHolder) -> Bool {
        guard case .tenant(let id, let onlyTest) = holder else { return true }
        return TestDirectory.sample.tenant(named: key.tenant)?.id == id && (key.info.grant.isTest || !onlyTest)
    }

    private static func notFound() -> DirectoryError { DirectoryError(.notFound, "there is no key with this id") }
}
