public import Directory
import Foundation
public import Logging
import Mail
import Metrics
public import Postgres
import SES
public import ServiceLifecycle

/// Keeps what is known of tenants' senders fresh: asks SES and DNS, one sender at a time and account, because SES answers one
/// such call a second.
///
/// A row in the database says whose turn it is for each account, so that all nodes together keep the pace.
public struct IdentityVerifier: Service {
    private static let interval = Duration.seconds(1)
    /// Between two looks at what is configured, where nothing says that it has changed.
    private static let syncing = Duration.seconds(60)

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
        let rounds = AccountRounds(
            directory: directory,
            every: Self.interval,
            logger: logger,
            failure: "identities not checked"
        )
        await cancelWhenGracefulShutdown {
            var synced: Int64?
            var syncAt = ContinuousClock.now
            await rounds.run {
                if let current = directory.current, current.version != synced || ContinuousClock.now >= syncAt,
                    await trySync(current)
                {
                    synced = current.version
                    syncAt = .now + Self.syncing
                }
            } due: { accounts in
                try await store.due(accounts)
            } pass: { account in
                try await pass(account)
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
