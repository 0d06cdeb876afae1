public import Directory
public import Outbox
public import Webhooks

/// A directory that can be asked to look again at once.
public protocol DirectoryRefreshing: DirectorySource {
    func refresh() async throws
}

/// Changes accounts and their shares. Each returns after the commit, and refuses with `DirectoryError`.
public protocol AccountAdministering: Sendable {
    func putAccount(
        _ name: String,
        _ settings: AccountSettings,
        version: VersionCondition,
        dryRun: Bool,
        actor: String
    ) async throws -> AccountChange

    func putShares(
        account name: String,
        shares: ShareTreeDocument,
        version: VersionCondition,
        dryRun: Bool,
        actor: String
    ) async throws -> AccountChange

    func patchShare(
        account name: String,
        path: String,
        change: ShareChange,
        version: VersionCondition,
        dryRun: Bool,
        actor: String
    ) async throws -> AccountChange

    func setPaused(
        account name: String,
        _ isPaused: Bool,
        version: VersionCondition,
        actor: String
    ) async throws -> AccountChange
}

/// Changes tenants. Each returns after the commit, and refuses with `DirectoryError`.
public protocol TenantAdministering: Sendable {
    func putTenant(_ document: TenantDocument, version: VersionCondition, dryRun: Bool, actor: String) async throws
        -> AccountChange
    func removeTenant(_ name: String, version: VersionCondition, dryRun: Bool, actor: String) async throws
        -> AccountChange
}

/// Says what the cluster does now.
public protocol ClusterReading: Sendable {
    func figures(of account: Account) async throws -> AccountFigures
    /// - Parameter countsBacklog: false: no share has any.
    func figures(of account: Account, countsBacklog: Bool) async throws -> AccountFigures
    /// Newest first; `after` is for older ones, `before` for newer ones.
    func loans(accountID: Int32, limit: Int, after: Int64?, before: Int64?) async throws -> [LoanEntry]
    func nodes() async throws -> [NodeFigures]
}

/// Newest first; `after` is for older entries, `before` for newer ones.
public protocol AuditReading: Sendable {
    func entries(_ filter: AuditFilter, limit: Int, after: Int64?, before: Int64?) async throws -> [AuditEntry]
}

/// Says how much waits in each lane, in the order of lane numbers.
public protocol QueueReading: Sendable {
    func depths() async throws -> [QueueDepth]
    /// The same, counted up to a bound in each lane: for pages that are made again and again.
    func backlog() async throws -> [LaneBacklog]
}

/// Says what is wrong with the storage, and what to do.
public protocol StorageReading: Sendable {
    func findings() async throws -> [StorageFinding]
}

/// Says what else an operator should look after. Each look is bounded.
public protocol HealthReading: Sendable {
    /// The longest failing first.
    func failingEndpoints() async throws -> [FailingEndpoint]
    /// By account: among its latest sends, how many have had no word of SES's. Accounts without feedback are left out.
    func gaps(of accounts: [Account]) async throws -> [String: FeedbackGaps.Count]
}

/// Says where feedback comes from, and what an operator has to look after.
public protocol FeedbackShowing: Sendable {
    func figures() async throws -> [FeedbackFigures]
    /// Newest first; `after` is for older ones, `before` for newer ones.
    func kept(account: String?, limit: Int, after: Int64?, before: Int64?) async throws -> [KeptFeedback]
    /// By account, kind and object.
    func alarms() async throws -> [OperatorAlarm]
    func clearAlarm(account: String, kind: String, object: String, actor: String) async throws -> Bool
}

extension DirectoryCache: DirectoryRefreshing {}
extension DirectoryStore: AccountAdministering, TenantAdministering {}
extension ClusterReader: ClusterReading {}
extension AuditReader: AuditReading {}
extension QueueReader: QueueReading {}
extension FeedbackReader: FeedbackShowing {}
extension StorageCheck: StorageReading {}

/// What the admin API stands on.
public struct AdminServices: Sendable {
    let directory: any DirectoryRefreshing
    let accounts: any AccountAdministering
    let tenants: any TenantAdministering
    let keys: KeyServices
    let cluster: any ClusterReading
    let queue: any QueueReading
    let audit: any AuditReading
    let feedback: any FeedbackShowing
    let storage: any StorageReading
    let usage: any UsageReading
    let reports: any ReportReading
    let domains: any DomainKeeping
    let standings: any StandingKeeping
    let privacy: PrivacyServices?
    let trouble: TroubleServices?
    let health: (any HealthReading)?

    /// - Parameters:
    ///   - privacy: without it there are no routes to erase, keep for shorter and export.
    ///   - trouble: without it there are none for dead letters and failed webhooks.
    ///   - health: without it the dashboard says nothing of failing webhooks and missing feedback.
    public init(
        directory: any DirectoryRefreshing,
        accounts: any AccountAdministering,
        tenants: any TenantAdministering,
        keys: KeyServices,
        cluster: any ClusterReading,
        queue: any QueueReading,
        audit: any AuditReading,
        feedback: any FeedbackShowing,
        storage: any StorageReading,
        usage: any UsageReading,
        reports: any ReportReading,
        domains: any DomainKeeping,
        standings: any StandingKeeping,
        privacy: PrivacyServices? = nil,
        trouble: TroubleServices? = nil,
        health: (any HealthReading)? = nil
    ) {
        self.directory = directory
        self.accounts = accounts
        self.tenants = tenants
        self.keys = keys
        self.cluster = cluster
        self.queue = queue
        self.audit = audit
        self.feedback = feedback
        self.storage = storage
        self.usage = usage
        self.reports = reports
        self.domains = domains
        self.standings = standings
        self.privacy = privacy
        self.trouble = trouble
        self.health = health
    }

    /// The directory as it is in the database now, and not half a second ago: what an admin reads names the version
    /// that the next change starts from.
    func latestDirectory() async throws -> DirectorySnapshot {
        try await directory.refresh()
        guard let current = directory.current else { throw Problem.databaseUnavailable() }
        return current
    }

    func account(_ name: String) async throws -> Account {
        guard let account = try await latestDirectory().account(named: name) else {
            throw Problem.notFound("there is no account '\(name)'")
        }
        return account
    }

    func tenant(_ name: String) async throws -> Tenant {
        guard let tenant = try await latestDirectory().tenant(named: name) else {
            throw Problem.notFound("there is no tenant '\(name)'")
        }
        return tenant
    }
}
