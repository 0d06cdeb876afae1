public import Logging
import Synchronization

/// Does one thing at a time for each of many accounts, for several of them at once: an account whose SES hangs keeps none of the
/// others waiting.
public struct AccountRounds: Sendable {
    /// Accounts that one node has under way.
    private static let places = 16

    private let directory: DirectoryCache
    private let interval: Duration
    private let logger: Logger
    private let failure: Logger.Message

    /// - Parameters:
    ///   - interval: between two looks at who is due.
    ///   - failure: what is said, for debugging, of a look or a pass that failed.
    public init(directory: DirectoryCache, every interval: Duration, logger: Logger, failure: Logger.Message) {
        self.directory = directory
        self.interval = interval
        self.logger = logger
        self.failure = failure
    }

    /// Until the task is cancelled.
    ///
    /// - Parameters:
    ///   - look: before each look at who is due.
    ///   - isWanted: of an account that could have something to do.
    ///   - due: those that have, by their ids.
    ///   - pass: one thing for one account.
    public func run(
        before look: () async -> Void = {},
        where isWanted: (Account) -> Bool = { _ in true },
        due: ([Int32]) async throws -> Set<Int32>,
        pass: @escaping @Sendable (Account) async throws -> Void
    ) async {
        let busy = BusyAccounts()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await look()
                for account in await next(besides: busy.ids, where: isWanted, due: due) {
                    busy.insert(account.id)
                    group.addTask {
                        do {
                            try await pass(account)
                        } catch {
                            logger.debug(failure, metadata: ["error": "\(error)"])
                        }
                        busy.remove(account.id)
                    }
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// As many accounts as there are places for, any of those that have something to do.
    private func next(
        besides busy: Set<Int32>,
        where isWanted: (Account) -> Bool,
        due: ([Int32]) async throws -> Set<Int32>
    ) async -> [Account] {
        let accounts = directory.current?.accounts.values.filter { isWanted($0) && !busy.contains($0.id) } ?? []
        guard !accounts.isEmpty, busy.count < Self.places else { return [] }
        do {
            let due = try await due(accounts.map(\.id))
            return Array(accounts.filter { due.contains($0.id) }.shuffled().prefix(Self.places - busy.count))
        } catch {
            logger.debug(failure, metadata: ["error": "\(error)"])
            return []
        }
    }
}

private final class BusyAccounts: Sendable {
    private let state = Mutex<Set<Int32>>([])

    var ids: Set<Int32> { state.withLock { $0 } }
    func insert(_ id: Int32) { state.withLock { _ = $0.insert(id) } }
    func remove(_ id: Int32) { state.withLock { _ = $0.remove(id) } }
}
