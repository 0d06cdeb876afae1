import Foundation
import Gateway
import Outbox
import Synchronization

@testable import Directory

/// A directory, its store and a cluster in memory: changes are planned by the real rules and then simply hold.
final class TestAdministration: DirectoryRefreshing, AccountAdministering, ClusterReading, AuditReading, QueueReading {
    struct Call: Equatable {
        let name: String
        let version: VersionCondition
        let dryRun: Bool
        let actor: String
    }

    struct State {
        var accounts: [Account]
        var tenants = Array(TestDirectory.sample.tenants.values)
        var keys = TestDirectory.keys
        var calls: [Call] = []
        /// What the next change is refused with.
        var refusal: DirectoryError?
        var outage: (any Error)?
        var audit: [AuditEntry] = []
        /// What was asked of it, in order.
        var auditFilters: [AuditFilter] = []
        /// Of the changes, what the audit would name.
        var requestIDs: [String?] = []
        var loans: [LoanEntry] = []
        var depths: [QueueDepth] = []
        var backlogReads = 0
        var backlogTakes = Duration.zero
        /// Figures of accounts that were read with what waits.
        var countedFigures = 0
        var nodes: [NodeFigures] = []
    }

    static let documents = """
        {"name": "main", "aws_region": "eu-central-1", "quota": {"rate": 50, "daily": 50000},
         "credentials": {"profile": "mail"},
         "shares": {"AT": {"rate": 30, "lend": false},
                    "UK": {"rate": 10, "ceiling": 20, "shares": {"apa": {"rate": 6}}},
                    "other": {"rate": 10, "ceiling": null}}}
        """

    let state: Mutex<State>

    init() throws {
        let document = try JSONDecoder().decode(AccountDocument.self, from: Data(Self.documents.utf8))
        // JSON objects have no order; new shares are put in that of their names.
        var bare = document
        bare.shares = []
        let tree = AccountEdit.put(document.shares, of: Self.account(bare, id: 1, version: 7))
        let main = Self.account(tree, id: 1, version: 7)
        state = Mutex(State(accounts: [main]))
    }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var calls: [Call] { state.withLock { $0.calls } }

    var current: DirectorySnapshot? {
        let (accounts, tenants, keys) = state.withLock { ($0.accounts, $0.tenants, $0.keys) }
        let sample = TestDirectory.sample
        return DirectorySnapshot(
            version: 1,
            accounts: accounts,
            tenants: tenants,
            lanes: Array(sample.lanes.values),
            keys: keys
        )
    }

    func refresh() async throws {
        if let outage = state.withLock({ $0.outage }) { throw outage }
    }

    func putAccount(
        _ name: String,
        _ settings: AccountSettings,
        version: VersionCondition,
        dryRun: Bool,
        actor: String
    ) async throws -> AccountChange {
        try change(Call(name: "putAccount \(name)", version: version, dryRun: dryRun, actor: actor)) { directory in
            let current = directory.account(named: name)
            return (current, try AccountEdit.put(settings, name: name, over: current))
        }
    }

    func putShares(
        account name: String,
        shares: ShareTreeDocument,
        version: VersionCondition,
        dryRun: Bool,
        actor: String
    ) async throws -> AccountChange {
        try change(Call(name: "putShares \(name)", version: version, dryRun: dryRun, actor: actor)) { directory in
            let current = try AccountEdit.find(name, in: directory)
            return (current, AccountEdit.put(shares.shares, of: current))
        }
    }

    func patchShare(
        account name: String,
        path: String,
        change: ShareChange,
        version: VersionCondition,
        dryRun: Bool,
        actor: String
    ) async throws -> AccountChange {
        let call = Call(name: "patchShare \(name) \(path)", version: version, dryRun: dryRun, actor: actor)
        return try self.change(call) { directory in
            let current = try AccountEdit.find(name, in: directory)
            return (current, try AccountEdit.patch(path, change, of: current))
        }
    }

    func setPaused(
        account name: String,
        _ isPaused: Bool,
        version: VersionCondition,
        actor: String
    ) async throws -> AccountChange {
        let call = Call(name: "setPaused \(name) \(isPaused)", version: version, dryRun: false, actor: actor)
        set { $0.calls.append(call) }
        guard let directory = current else { throw CancellationError() }
        let account = try AccountEdit.find(name, in: directory)
        try version.check(account)
        store(Self.account(account.document, id: account.id, version: account.version + 1, isPaused: isPaused))
        return AccountChange(changes: [], version: account.version + 1, isNew: false)
    }

    func figures(of account: Account) async throws -> AccountFigures {
        try await figures(of: account, countsBacklog: true)
    }

    func figures(of account: Account, countsBacklog: Bool) async throws -> AccountFigures {
        if countsBacklog { set { $0.countedFigures += 1 } }
        return AccountFigures(
            rate: 50,
            leader: "node-a",
            epoch: 4,
            parked: nil,
            parkedDetail: nil,
            shares: account.shareIDs.keys.sorted().map { path in
                ShareFigures(
                    path: path,
                    granted: 30,
                    held: 31,
                    wanted: 12,
                    borrowed: 2,
                    lent: 1,
                    used: 28.4,
                    backlog: 17,
                    oldestAt: Date(timeIntervalSince1970: 1_760_000_000)
                )
            }
        )
    }

    func loans(accountID: Int32, limit: Int, after: Int64?, before: Int64?) async throws -> [LoanEntry] {
        page(state.withLock { $0.loans }, by: \.id, limit: limit, after: after, before: before)
    }

    func nodes() async throws -> [NodeFigures] { state.withLock { $0.nodes } }

    func entries(_ filter: AuditFilter, limit: Int, after: Int64?, before: Int64?) async throws -> [AuditEntry] {
        set { $0.auditFilters.append(filter) }
        return page(state.withLock { $0.audit }, by: \.id, limit: limit, after: after, before: before)
    }

    func depths() async throws -> [QueueDepth] { state.withLock { $0.depths } }

    func backlog() async throws -> [LaneBacklog] {
        set { $0.backlogReads += 1 }
        try await Task.sleep(for: state.withLock { $0.backlogTakes })
        return state.withLock { state in
            state.depths.map {
                LaneBacklog(laneID: $0.laneID, ready: $0.ready, deferred: $0.deferred, oldestAt: $0.oldestAt)
            }
        }
    }

    private func change(
        _ call: Call,
        _ edit: (DirectorySnapshot) throws -> (Account?, AccountDocument)
    ) throws -> AccountChange {
        set { state in
            state.calls.append(call)
            state.requestIDs.append(AuditOrigin.requestID)
        }
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        guard let directory = current else { throw CancellationError() }
        let (account, target) = try edit(directory)
        if let account { try call.version.check(account) }
        let plan = try DirectoryPlan(replacing: target, over: directory)
        let before = account?.version ?? 0
        if call.dryRun { return AccountChange(changes: plan.changes, version: before, isNew: account == nil) }
        store(Self.account(target, id: account?.id ?? 2, version: before + 1))
        return AccountChange(changes: plan.changes, version: before + 1, isNew: account == nil)
    }

    private func store(_ account: Account) {
        set { state in
            state.accounts.removeAll { $0.id == account.id }
            state.accounts.append(account)
        }
    }

    /// As the readers do it: newest first.
    private func page<Entry>(
        _ entries: [Entry],
        by id: (Entry) -> Int64,
        limit: Int,
        after: Int64?,
        before: Int64?
    ) -> [Entry] {
        if let before { return Array(entries.filter { id($0) > before }.suffix(limit)) }
        return Array(entries.filter { after == nil || id($0) < after ?? 0 }.prefix(limit))
    }

    private static func account(
        _ document: AccountDocument,
        id: Int32,
        version: Int64,
        isPaused: Bool = false
    ) -> Account {
        let paths = [""] + ShareRow.flatten(document.shares).map(\.path)
        return Account(
            id: id,
            name: document.name,
            version: version,
            awsRegion: document.awsRegion,
            endpoint: document.endpoint,
            quota: document.quota,
            window: document.window,
            configurationSet: document.configurationSet,
            credentials: document.credentials,
            snsTopics: document.snsTopics,
            sqsQueueURL: document.sqsQueueURL,
            mirrorsSuppressions: document.mirrorsSuppressions,
            isPaused: isPaused,
            shares: document.shares,
            shareIDs: Dictionary(uniqueKeysWithValues: paths.enumerated().map { ($1, id * 100 + Int32($0)) })
        )
    }
}
