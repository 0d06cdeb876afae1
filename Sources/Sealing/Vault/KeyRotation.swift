/// Brings what older keys seal under the current ones, so that the older ones are needed no longer.
public struct KeyRotation: Sendable {
    /// How often a master key wraps a data key.
    public struct Use: Sendable {
        public let master: String
        public let dataKeys: Int
        /// New data keys are wrapped under it.
        public let isCurrent: Bool
        /// It is configured here.
        public let isConfigured: Bool
    }

    private let vault: Vault

    public init(vault: Vault) {
        self.vault = vault
    }

    /// Every master key that is used or configured. Of one that is configured and not used any more somebody waits to hear so.
    public func uses() async throws -> [Use] {
        let records = try await vault.store.records()
        let names = Set(records.map(\.master)).union(vault.masters?.names ?? [])
        return names.sorted().map { name in
            Use(
                master: name,
                dataKeys: records.count { $0.master == name },
                isCurrent: name == vault.masters?.current,
                isConfigured: vault.masters?.has(name) ?? false
            )
        }
    }

    /// Wraps every data key under the current master key. What a data key seals stays as it is.
    ///
    /// Each is done by itself, so that it can be interrupted anywhere and begun again.
    /// - Parameter progress: told after each how many of how many are done.
    /// - Returns: how many were wrapped anew.
    public func rewrap(progress: (Int, Int) -> Void) async throws -> Int {
        guard let masters = vault.masters else {
            throw SealingError(.configuration, "no key is configured under `encryption`, so there is none to change to")
        }
        try await vault.refresh()
        let old = try await vault.store.records().filter { $0.master != masters.current }
        var done = 0
        for record in old {
            try Task.checkCancellation()
            let key = try await masters.unwrap(record.wrapped, under: record.master, number: record.id)
            let wrapped = try await masters.wrap(key, number: record.id)
            if try await vault.store.rewrap(record, wrapped, under: masters.current) { done += 1 }
            progress(done, old.count)
        }
        return done
    }
}
