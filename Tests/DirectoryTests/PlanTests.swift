import Capacity
import Testing
import Yams

@testable import Directory

/// What `apply` and the admin API are going to do, without a database.
@Suite("Plans")
struct PlanTests {
    static let accounts = """
        - name: main
          aws_region: eu-central-1
          quota: {rate: 50, daily: 50000}
          shares:
            AT: {rate: 30, lend: false}
            UK: {rate: 10, ceiling: 20, shares: {apa: {rate: 6}}}
            other: {rate: 10, ceiling: null}
        """
    static let tenants = """
        - {name: apa, from_domains: [apa.example], default_region: AT, regions: {AT: main/AT, UK: main/UK}}
        """

    static func document(_ accounts: String = accounts, _ tenants: String = tenants) throws -> DirectoryDocument {
        DirectoryDocument(
            accounts: try YAMLDecoder().decode([AccountDocument].self, from: accounts),
            tenants: try YAMLDecoder().decode([TenantDocument].self, from: tenants)
        )
    }

    /// The directory as if `document` had been applied to an empty one.
    static func snapshot(_ document: DirectoryDocument) -> DirectorySnapshot {
        var id: Int32 = 0
        let accounts = document.accounts.map { account in
            id += 1
            let paths = [""] + ShareRow.flatten(account.shares).map(\.path)
            return Account(account, id: id, version: 3, shareIDs: paths)
        }
        let tenants = document.tenants.map { tenant in
            id += 1
            return Tenant(
                id: id,
                name: tenant.name,
                displayName: tenant.displayName,
                fromDomains: tenant.fromDomains,
                defaultRegion: tenant.defaultRegion ?? "",
                unknownPolicy: tenant.unknownPolicy,
                status: tenant.status,
                routes: tenant.regions.mapValues { Route(path: $0, lanes: [:], rate: 1) },
                sharedDomains: tenant.sharedDomains,
                rules: SenderRules(tenant.senders)
            )
        }
        return DirectorySnapshot(version: 1, accounts: accounts, tenants: tenants, lanes: [], keys: [])
    }

    static func lines(_ plan: DirectoryPlan) -> [String] { plan.changes.map(\.description) }

    @Test("Two accounts cannot read one queue, whether both are in the file or one stays; they may swap theirs")
    func queues() throws {
        func accounts(_ queues: [(String, String)]) throws -> DirectoryDocument {
            let lines = queues.map { name, queue in
                "- {name: \(name), aws_region: eu-central-1, quota: {rate: 50, daily: 50000}, "
                    + "sqs_queue_url: \"https://sqs.eu-central-1.amazonaws.com/1/\(queue)\", shares: {AT: {rate: 30}}}"
            }
            return try Self.document(lines.joined(separator: "\n"), "[]")
        }
        let old = Self.snapshot(try accounts([("one", "a"), ("two", "b")]))
        for clash in [[("one", "x"), ("two", "x")], [("one", "b")], [("three", "a")]] {
            let error = try #require(throws: DirectoryError.self) { try DirectoryPlan(accounts(clash), over: old) }
            #expect("\(error)".contains("same sqs_queue_url"), "\(clash)")
        }
        let edit = try accounts([("one", "b")]).accounts[0]
        #expect(throws: DirectoryError.self) { try DirectoryPlan(replacing: edit, over: old) }
        for fine in [[("one", "b"), ("two", "a")], [("one", "a")], [("one", "c")]] {
            #expect(throws: Never.self) { try DirectoryPlan(accounts(fine), over: old) }
        }
        #expect(throws: Never.self) { try DirectoryPlan(accounts([("one", "b")]), over: old, prune: true) }
    }

    @Test("A document on an empty directory is created, and applied again it changes nothing")
    func idempotent() throws {
        let document = try Self.document()
        let empty = DirectorySnapshot(version: 0, accounts: [], tenants: [], lanes: [], keys: [])
        let first = try DirectoryPlan(document, over: empty)
        #expect(first.isEffective)
        #expect(first.changes.first == .init(action: "create", object: "account main", detail: ""))
        #expect(first.changes.contains { $0.object == "share main/UK/apa" && $0.action == "create" })
        for prune in [false, true] {
            let second = try DirectoryPlan(document, over: Self.snapshot(document), prune: prune)
            #expect(second.changes == [])
            #expect(!second.isEffective)
            #expect(second.accounts.isEmpty && second.tenants.isEmpty)
        }
    }

    @Test("What the document does not name stays, or goes with prune")
    func prune() throws {
        let current = Self.snapshot(try Self.document())
        let smaller = try Self.document(
            """
            - name: main
              aws_region: eu-central-1
              quota: {rate: 50, daily: 50000}
              shares:
                AT: {rate: 30, lend: false}
                UK: {rate: 10, ceiling: 20}
            """,
            "[]"
        )
        let kept = try DirectoryPlan(smaller, over: current)
        #expect(!kept.isEffective)
        #expect(
            Self.lines(kept) == [
                "leave share main/UK/apa: not in the file", "leave share main/other: not in the file",
                "leave tenant apa: not in the file",
            ]
        )
        let pruned = try DirectoryPlan(smaller, over: current, prune: true)
        #expect(
            Self.lines(pruned) == [
                "delete share main/UK/apa", "delete share main/other", "delete tenant apa: not in the file",
            ]
        )
        #expect(pruned.removal.shares.map(\.name) == ["main/UK/apa", "main/other"])
        #expect(pruned.removal.tenants == ["apa"])
        #expect(pruned.accounts.map(\.name) == ["main"], "its version is raised")
    }

    @Test("An account that a kept tenant routes to is not pruned")
    func routedAccount() throws {
        let current = Self.snapshot(try Self.document())
        let error = #expect(throws: DirectoryError.self) {
            try DirectoryPlan(try Self.document("[]"), over: current, prune: true)
        }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("'main/AT', which is no account or share") == true)
        let gone = try DirectoryPlan(try Self.document("[]", "[]"), over: current, prune: true)
        #expect(gone.removal.accounts == ["main"])
    }

    @Test("A share that a tenant routes to is not removed")
    func routedShare() throws {
        let current = Self.snapshot(try Self.document())
        let account = try AccountEdit.find("main", in: current)
        let target = AccountEdit.put([Share(name: "AT", rate: 30, lend: false)], of: account)
        let error = #expect(throws: DirectoryError.self) { try DirectoryPlan(replacing: target, over: current) }
        #expect(error?.code == .conflict)
        #expect(error?.message.contains("main/UK cannot be removed: tenant apa routes region UK to it") == true)
    }

    @Test("A route to a share that can only borrow is accepted")
    func borrowers() throws {
        let document = try Self.document(
            "[{name: main, aws_region: x, quota: {rate: 1}, shares: {AT: {rate: 1}, UK: {rate: 0, ceiling: 1}}}]",
            "[{name: apa, from_domains: [], default_region: UK, regions: {UK: main/UK, '*': main}}]"
        )
        let plan = try DirectoryPlan(document, over: Self.snapshot(try Self.document("[]", "[]")))
        #expect(plan.tenants.map(\.name) == ["apa"])
        #expect(Self.snapshot(document).account(named: "main")?.ownRates == ["": 0, "AT": 1, "UK": 0])
    }

    @Test(
        "Sums and shares that could never send are refused, with the share",
        arguments: [
            ("{AT: {rate: 30}, UK: {rate: 21}}", "", "add up to 51 (AT 30 + UK 21), more than the quota of 50"),
            ("{AT: {rate: 5, shares: {a: {rate: 4}, b: {rate: 2}}}}", "AT", "add up to 6 (a 4 + b 2), more than its 5"),
            ("{AT: {rate: 0}}", "AT", "rate 0 needs a ceiling"),
            ("{AT: {rate: -1}}", "AT", "rate -1 is not"),
            ("{AT: {rate: 5, ceiling: 4}}", "AT", "ceiling 4 is below its rate 5"),
            ("{AT: {rate: 5, ceiling: 0}}", "AT", "ceiling 0"),
            ("{AT: {rate: 5, weight: 0}}", "AT", "weight 0"),
            ("{AT: {rate: 5, shares: {'a b': {rate: 1}}}}", "AT/a b", "a name is"),
        ]
    )
    func refusedTrees(shares: String, path: String, detail: String) throws {
        let current = Self.snapshot(try Self.document(Self.accounts, "[]"))
        let tree = try YAMLDecoder().decode(ShareTreeDocument.self, from: "{shares: \(shares)}")
        let target = AccountEdit.put(tree.shares, of: try AccountEdit.find("main", in: current))
        let error = #expect(throws: DirectoryError.self) { try DirectoryPlan(replacing: target, over: current) }
        #expect(error?.code == .invalidShares)
        #expect(error?.sharePath == path)
        #expect(error?.message.contains(detail) == true, "\(String(describing: error))")
    }

    @Test("A quota below the guarantees is refused with their sum; half a recipient a second is one credit")
    func lowQuota() throws {
        let current = Self.snapshot(try Self.document())
        func settings(_ quota: String) throws -> AccountSettings {
            try YAMLDecoder().decode(AccountSettings.self, from: "{aws_region: eu-central-1, quota: \(quota)}")
        }
        let low = try AccountEdit.put(settings("{rate: 49.9}"), name: "main", over: current.account(named: "main"))
        let error = #expect(throws: DirectoryError.self) { try DirectoryPlan(replacing: low, over: current) }
        #expect(error?.message.contains("add up to 50 (AT 30 + UK 10 + other 10), more than the quota of 49") == true)
        let auto = try AccountEdit.put(settings("auto"), name: "main", over: current.account(named: "main"))
        #expect(try DirectoryPlan(replacing: auto, over: current).isEffective)
        var half = try AccountEdit.put(settings("{rate: 0.5}"), name: "half", over: nil)
        half.shares = [Share(name: "AT", rate: 1)]
        #expect(try DirectoryPlan(replacing: half, over: current).accounts.first?.tree().nodes[0].ceiling == 1)
        half.shares.append(Share(name: "UK", rate: 1))
        #expect(throws: DirectoryError.self) { try DirectoryPlan(replacing: half, over: current) }
    }

    @Test("A file that reorders shares says so, JSON keeps the order that there is")
    func order() throws {
        let current = Self.snapshot(try Self.document(Self.accounts, "[]"))
        let reordered =
            Self.accounts.replacing("    AT: {rate: 30, lend: false}\n", with: "")
            + "\n    AT: {rate: 30, lend: false}"
        #expect(
            Self.lines(try DirectoryPlan(try Self.document(reordered, "[]"), over: current)) == [
                "change account main: the order of its shares"
            ]
        )
        let account = try AccountEdit.find("main", in: current)
        let mixed = [Share(name: "z", rate: 0, ceiling: .parent), Share(name: "b", rate: 0, ceiling: .parent)]
        let target = AccountEdit.put(mixed + account.shares.reversed(), of: account)
        #expect(target.shares.map(\.name) == ["AT", "UK", "other", "b", "z"])
        let same = AccountEdit.put(account.shares.reversed(), of: account)
        #expect(try DirectoryPlan(replacing: same, over: current).isEffective == false)
    }
}

extension Account {
    /// An account as a document describes it.
    init(_ document: AccountDocument, id: Int32, version: Int64, shareIDs paths: [String]) {
        self.init(
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
            isPaused: false,
            shares: document.shares,
            shareIDs: Dictionary(uniqueKeysWithValues: paths.enumerated().map { ($1, id * 100 + Int32($0)) })
        )
    }
}
