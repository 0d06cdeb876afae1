public import Directory
import Foundation
public import Logging
import Mail
import Metrics
public import Postgres
import SES
public import ServiceLifecycle
import Synchronization

/// Keeps what is known of tenants' senders fresh: asks SES and DNS, one sender at a time and account, because SES answers one
/// such call a second.
///
/// A row in the database says whose turn it is for each account, so that all nodes together keep the pace.
public struct IdentityVerifier: Service {
    private static let interval = Duration.seconds(1)
    /// Between two looks at what is configured, where nothing says that it has changed.
    private static let syncing = Duration.seconds(60)
    /// Accounts that one node has under way.
    private static let places = 16

    private let store: IdentityStore
    private let directory: DirectoryCache
    private let dns: any DNSAsking
    private let ses: @Sendable (Account) throws -> any IdentityAsking
    private let pace: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - pace: between two calls to SES for one account.
    ///   - ses: how to reach an account's SES; asked for each sender.
    public init(
        pool: PostgresPool,
        directory: DirectoryCache,
        dns: any DNSAsking,
        pace: Duration = .seconds(1),
        logger: Logger,
        ses: @escaping @Sendable (Account) throws -> any IdentityAsking
    ) {
        store = IdentityStore(pool: pool)
        self.directory = directory
        self.dns = dns
        self.pace = pace
        self.logger = logger
        self.ses = ses
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            let busy = BusyAccounts()
            // One group for all: an account whose SES hangs keeps none of the others waiting.
            await withDiscardingTaskGroup { group in
                var synced: Int64?
                var syncAt = ContinuousClock.now
                while !Task.isCancelled {
                    if let current = self.directory.current, current.version != synced || ContinuousClock.now >= syncAt,
                        await self.trySync(current)
                    {
                        synced = current.version
                        syncAt = .now + Self.syncing
                    }
                    for account in await self.due(besides: busy.ids) {
                        busy.insert(account.id)
                        group.addTask {
                            await self.tryPass(account)
                            busy.remove(account.id)
                        }
                    }
                    try? await Task.sleep(for: Self.interval)
                }
            }
        }
    }

    /// Makes the rows of what is configured; those of what is not go.
    public func sync(_ directory: DirectorySnapshot) async throws {
        try await store.sync(Self.wanted(by: directory))
    }

    static func wanted(by directory: DirectorySnapshot) -> [IdentityStore.Wanted] {
        var wanted: Set<IdentityStore.Wanted> = []
        for tenant in directory.tenants.values {
            let accounts = tenant.sendingAccounts.compactMap { directory.account(named: $0)?.id }
            for text in tenant.fromDomains {
                guard let name = try? SenderName(parsing: text) else { continue }
                for account in accounts { wanted.insert(IdentityStore.Wanted(accountID: account, name: name.text)) }
            }
        }
        return wanted.sorted { ($0.accountID, $0.name) < ($1.accountID, $1.name) }
    }

    private func trySync(_ directory: DirectorySnapshot) async -> Bool {
        do {
            try await sync(directory)
            return true
        } catch {
            logger.debug("identities not listed", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func due(besides busy: Set<Int32>) async -> [Account] {
        let accounts = directory.current?.accounts.values.filter { !busy.contains($0.id) } ?? []
        guard !accounts.isEmpty, busy.count < Self.places else { return [] }
        do {
            let due = try await store.due(accounts.map(\.id))
            return Array(accounts.filter { due.contains($0.id) }.shuffled().prefix(Self.places - busy.count))
        } catch {
            logger.debug("identities not checked", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func tryPass(_ account: Account) async {
        do {
            try await pass(account)
        } catch {
            logger.debug("an identity was not checked", metadata: ["error": "\(error)"])
        }
    }

    /// One sender of one account, if one is due and no other node is at it; returns whether SES was asked.
    @discardableResult
    public func pass(_ account: Account) async throws -> Bool {
        guard let row = try await store.next(accountID: account.id) else { return false }
        var random = SystemRandomNumberGenerator()
        do {
            let check = IdentityCheck(ses: try ses(account), dns: dns, pace: pace)
            let found = try await check.run(row, region: account.awsRegion)
            let pause = CheckSchedule.pause(
                isComplete: isComplete(row, found, account),
                age: found.isNews ? .zero : .seconds(max(0, Date().timeIntervalSince(row.since))),
                using: &random
            )
            try await store.write(found, for: row, next: pause)
            count(account, found.ses?.isVerified == true ? "verified" : "unverified")
        } catch let error as PostgresError {
            throw error
        } catch {
            let words = (error as? SendFailure)?.message ?? "\(error)"
            logger.info(
                "an identity could not be checked",
                metadata: ["account": "\(account.name)", "error": "\(words)", "failures": "\(row.failures + 1)"]
            )
            let pause = CheckSchedule.pause(afterFailures: row.failures + 1, using: &random)
            try await store.write(error: String(words.prefix(500)), for: row, next: pause)
            count(account, "failed")
        }
        try await store.passTurn(accountID: account.id, after: pace)
        return true
    }

    private func isComplete(_ row: IdentityRow, _ found: IdentityStore.Found, _ account: Account) -> Bool {
        guard let sender = try? SenderName(parsing: row.name) else { return true }
        var row = row
        (row.ses, row.dns, row.error, row.checkedAt) = (found.ses, found.dns, nil, Date())
        return IdentityReport(
            sender: sender,
            row: row,
            account: account.name,
            region: account.awsRegion,
            isForOperator: true
        ).standing == .verified
    }

    private func count(_ account: Account, _ outcome: String) {
        Counter(
            label: "sluice_identity_checks",
            dimensions: [("account", account.name), ("outcome", outcome)]
        ).increment()
    }
}

/// The accounts whose SES this node asks just now.
private final class BusyAccounts: Sendable {
    private let state = Mutex<Set<Int32>>([])

    var ids: Set<Int32> { state.withLock { $0 } }
    func insert(_ id: Int32) { state.withLock { _ = $0.insert(id) } }
    func remove(_ id: Int32) { state.withLock { _ = $0.remove(id) } }
}
