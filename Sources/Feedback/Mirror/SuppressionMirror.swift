public import Directory
public import Logging
public import Postgres
import SES
public import ServiceLifecycle

/// Keeps SES's own suppression lists like ours, for the accounts that want it: one call a second and account, because SES
/// takes no more.
///
/// A row in the database says whose turn it is for each account, so that all nodes together keep the pace. No connection to the
/// database is held while SES is called: SES may be slow, and the connections are everybody's.
public struct SuppressionMirror: Service {
    private static let interval = Duration.milliseconds(500)

    private let store: MirrorStore
    private let directory: DirectoryCache
    private let list: @Sendable (Account) throws -> any SuppressionList
    private let pace: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - pace: between two calls for one account.
    ///   - list: how to reach an account's list; asked for each address.
    public init(
        pool: PostgresPool,
        directory: DirectoryCache,
        pace: Duration = .seconds(1),
        logger: Logger,
        list: @escaping @Sendable (Account) throws -> any SuppressionList
    ) {
        store = MirrorStore(pool: pool)
        self.directory = directory
        self.pace = pace
        self.logger = logger
        self.list = list
    }

    public func run() async throws {
        let rounds = AccountRounds(
            directory: directory,
            every: Self.interval,
            logger: logger,
            failure: "suppressions not mirrored"
        )
        await cancelWhenGracefulShutdown {
            await rounds.run(where: \.mirrorsSuppressions, due: store.due) { try await pass($0) }
        }
    }

    /// One address of one account, if one is due and no other node is at it; returns whether SES was called.
    @discardableResult
    public func pass(_ account: Account) async throws -> Bool {
        guard let wish = try await store.next(accountID: account.id) else { return false }
        let started = ContinuousClock.now
        if let failure = await fulfil(wish, on: account) {
            try await put(wish, off: account, failure)
        } else {
            try await store.close(wish, accountID: account.id)
        }
        try await store.passTurn(accountID: account.id, after: max(.zero, pace - (.now - started)))
        return true
    }

    private func fulfil(_ wish: MirrorStore.Wish, on account: Account) async -> SendFailure? {
        let list: any SuppressionList
        do {
            list = try self.list(account)
        } catch {
            return SendFailure(.configuration, message: "\(error)")
        }
        do throws(SendFailure) {
            if wish.removes {
                try await list.deleteSuppressed(wish.email)
            } else {
                try await list.putSuppressed(wish.email, reason: wish.reason == "complaint" ? .complaint : .bounce)
            }
            return nil
        } catch {
            return error
        }
    }

    private func put(
        _ wish: MirrorStore.Wish,
        off account: Account,
        _ failure: SendFailure
    ) async throws {
        if let pause = MirrorBackoff.pause(after: wish.attempts) {
            logger.info(
                "a suppression is not mirrored yet",
                metadata: ["account": "\(account.name)", "error": "\(failure.kind)"]
            )
            return try await store.putOff(wish, accountID: account.id, for: pause)
        }
        let alarm = OperatorAlarm(
            .mirror,
            object: failure.code ?? "\(failure.kind)",
            detail: "SES's suppression list could not be written \(MirrorBackoff.attempts) times: \(failure.kind)"
        )
        FeedbackMetrics.alarm(alarm.kind)
        logger.error(
            "a suppression is not mirrored: given up",
            metadata: ["account": "\(account.name)", "error": "\(failure.kind)"]
        )
        try await store.pool.withConnection { try await AlarmStore.raise([(account.id, alarm)], on: $0) }
        try await store.close(wish, accountID: account.id)
    }
}
