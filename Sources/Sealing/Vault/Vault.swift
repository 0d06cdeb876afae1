public import Logging
public import Postgres
import Synchronization

/// Seals what is not to be read in the database, and opens it again. Off where no key is configured and none was ever: then
/// everything is written as it is.
///
/// One for a process; ``VaultKeeper`` keeps its keys fresh.
public final class Vault: Sendable {
    private struct State {
        var keys: [Int32: DataKey] = [:]
        /// For what is new, and until when; nil also while sealing is off.
        var current: (key: DataKey, until: ContinuousClock.Instant)?
        /// Why nothing can be sealed.
        var trouble: SealingError?
        var isLoaded = false
    }

    let store: DataKeyStore
    let masters: MasterKeys?
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter masters: nil where no key is configured.
    public init(pool: PostgresPool, masters: MasterKeys?, logger: Logger) {
        store = DataKeyStore(pool: pool)
        self.masters = masters
        self.logger = logger
    }

    /// `text` sealed for its place; nil while sealing is off.
    ///
    /// - Throws: where it is on and cannot be done: nothing is written in the clear then.
    public func seal(_ text: [UInt8], at place: SealedPlace) async throws(SealingError) -> [UInt8]? {
        try await currentKey()?.seal(text, at: place)
    }

    /// What ``seal(_:at:)`` was given.
    public func open(_ sealed: [UInt8], at place: SealedPlace) async throws(SealingError) -> [UInt8] {
        guard let number = DataKey.number(of: sealed) else { throw damaged(place) }
        let known = state.withLock { $0.keys[number] }
        let key = if let known { known } else { try await load(number) }
        guard let text = key.open(sealed, at: place) else { throw damaged(place) }
        return text
    }

    /// Whether it was sealed under the key that new things are.
    public func isCurrent(_ sealed: [UInt8]) async throws(SealingError) -> Bool {
        try await currentKey()?.id == DataKey.number(of: sealed)
    }

    /// It can seal, or has nothing to.
    var isUsable: Bool {
        state.withLock { state in
            guard state.isLoaded, state.trouble == nil else { return false }
            return masters == nil || state.current.map { $0.until > .now } ?? false
        }
    }

    /// A key is missing or wrong, so that mail is better left to others.
    public var isBlind: Bool { state.withLock { $0.trouble != nil } }

    private func damaged(_ place: SealedPlace) -> SealingError {
        logger.error(
            "what was sealed cannot be opened: it was altered, or belongs to another row",
            metadata: ["kind": "\(place.kind)", "row": "\(place.row)"]
        )
        return SealingError(.damaged, "what was sealed was altered, or belongs to another row")
    }

    private func currentKey() async throws(SealingError) -> DataKey? {
        let (current, trouble, isLoaded) = state.withLock { ($0.current, $0.trouble, $0.isLoaded) }
        if let trouble { throw trouble }
        if isLoaded, masters == nil { return nil }
        if isLoaded, let current, current.until > .now { return current.key }
        try await refresh()
        let fresh = state.withLock { $0.current?.key }
        // Whoever has a key configured relies on it.
        guard masters == nil || fresh != nil else {
            throw SealingError(.unavailable, "there is no data key yet; try again")
        }
        return fresh
    }

    /// Reads the keys anew, and makes one when there is none under the current master key that is younger than a day.
    ///
    /// - Throws: what is wrong. Unless it is only that the database or KMS does not answer, nothing can be sealed from then on.
    func refresh() async throws(SealingError) {
        do {
            let asked = ContinuousClock.now
            var records = try await store.records()
            if let missing = records.first(where: { !(masters?.has($0.master) ?? false) }) {
                throw MasterKeys.missing(missing.master, missing.id)
            }
            if let masters {
                let own = records.filter { $0.master == masters.current }
                // Before anything is wrapped under it: it is the key of its name, or other nodes could not open that.
                if let newest = own.last { _ = try await key(newest) }
                // The file's other keys cost nothing to try; that one is wrong should be known before its mail is due.
                for record in records where masters.isAtHand(record.master) { _ = try await key(record) }
                if !own.contains(where: { $0.age < DataKeyStore.use }) {
                    try await store.make(masters)
                    records = try await store.records()
                }
            }
            var current: (key: DataKey, until: ContinuousClock.Instant)?
            if let newest = records.last(where: { $0.master == masters?.current }) {
                current = (try await key(newest), asked + DataKeyStore.mostUse - newest.age)
            }
            let kept = Set(records.map(\.id))
            state.withLock { state in
                state.current = current
                state.keys = state.keys.filter { kept.contains($0.key) }
                state.trouble = nil
                state.isLoaded = true
            }
        } catch let error as SealingError {
            if error.code != .unavailable { state.withLock { $0.trouble = error } }
            throw error
        } catch {
            throw SealingError(.unavailable, "the data keys cannot be read: \(error)")
        }
    }

    private func load(_ number: Int32) async throws(SealingError) -> DataKey {
        let record: DataKeyStore.Record?
        do {
            record = try await store.record(number)
        } catch {
            throw SealingError(.unavailable, "data key \(number) cannot be read: \(error)")
        }
        guard let record else {
            throw SealingError(
                .missingKey,
                "data key \(number) is not in the database, under which something is sealed"
            )
        }
        return try await key(record)
    }

    private func key(_ record: DataKeyStore.Record) async throws(SealingError) -> DataKey {
        if let known = state.withLock({ $0.keys[record.id] }) { return known }
        guard let masters else { throw MasterKeys.missing(record.master, record.id) }
        let bytes = try await masters.unwrap(record.wrapped, under: record.master, number: record.id)
        let key = DataKey(id: record.id, bytes: bytes)
        state.withLock { $0.keys[record.id] = key }
        return key
    }
}
