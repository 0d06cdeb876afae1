public import Directory
public import FoundationEssentials

/// Notes that a key was used.
public protocol KeyUseNoting: Sendable {
    func note(_ key: UUID, at time: Date)
}

/// Makes and revokes keys. Each returns after the commit, and refuses with `DirectoryError`; a key of somebody else is as one that
/// does not exist.
public protocol KeyAdministering: Sendable {
    func create(tenant name: String, _ wanted: KeyChange, within maker: KeyMaker?, actor: String) async throws
        -> KeyStore.Issued
    /// In the order of their making.
    func keys(of holder: KeyHolder, limit: Int, after: UUID?, before: UUID?) async throws -> [KeyInfo]
    func key(_ id: UUID, of holder: KeyHolder) async throws -> KeyInfo?
    func change(_ id: UUID, _ change: KeyChange, of holder: KeyHolder, within maker: KeyMaker?, actor: String)
        async throws -> KeyInfo
    func rotate(_ id: UUID, overlap: Duration, of holder: KeyHolder, within maker: KeyMaker?, actor: String)
        async throws -> KeyStore.Issued
    func revoke(_ id: UUID, of holder: KeyHolder, by maker: KeyMaker?, actor: String) async throws
}

extension KeyUses: KeyUseNoting {}
extension KeyStore: KeyAdministering {}

/// What authentication and the routes of keys stand on.
public struct KeyServices: Sendable {
    let store: any KeyAdministering
    let uses: any KeyUseNoting
    /// Has this node look at the directory at once, so that a key that it has just given out works here.
    let refresh: @Sendable () async -> Void

    public init(
        store: any KeyAdministering,
        uses: any KeyUseNoting,
        refresh: @escaping @Sendable () async -> Void = {}
    ) {
        self.store = store
        self.uses = uses
        self.refresh = refresh
    }
}
