import Directory
import Logging
import Mail
import Outbound
import Outbox
import Postgres
import SES
import Synchronization
import Testing

@testable import Identities

/// An SES and a DNS that say what they are told to.
private final class Answers: IdentityAsking, DNSAsking {
    struct State {
        var identities: [String: IdentityStatus] = [:]
        var records: [String: [String]] = [:]
        var failure: SendFailure?
        var asked: [String] = []
    }

    let state = Mutex(State())

    var asked: [String] { state.withLock { $0.asked } }

    func identity(_ name: String) async throws(SendFailure) -> IdentityStatus? {
        let (failure, status) = state.withLock { state in
            state.asked.append("get \(name)")
            return (state.failure, state.identities[name])
        }
        if let failure { throw failure }
        return status
    }

    func createIdentity(_ name: String) async throws(SendFailure) {
        state.withLock { state in
            state.asked.append("create \(name)")
            state.identities[name] = IdentityStatus(
                name: name,
                isVerified: false,
                dkimState: "PENDING",
                dkimTokens: ["t"]
            )
        }
    }

    func setMailFrom(_ domain: String, of name: String) async throws(SendFailure) {
        state.withLock { state in
            state.asked.append("mail from \(domain)")
            state.identities[name]?.mailFrom = domain
            state.identities[name]?.mailFromState = "PENDING"
        }
    }

    func answers(to questions: [DNSQuestion]) async -> [DNSAnswer] {
        state.withLock { state in questions.map { .records(state.records[$0.name] ?? []) } }
    }
}

@Suite("Senders, looked after in the database")
struct IdentityTests {
    private static func verifier(_ pool: PostgresPool, _ answers: Answers) -> IdentityVerifier {
        IdentityVerifier(
            pool: pool,
            directory: DirectoryCache(pool: pool, logger: Logger(label: "test")),
            dns: answers,
            pace: .zero,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _ in answers }
    }

    private static func due(_ pool: PostgresPool) async throws {
        _ = try await pool.query("UPDATE identity SET due_at = now()")
    }

    @Test("Rows follow what is configured, and what an admin registered stays")
    func sync() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = IdentityStore(pool: pool)
            let verifier = Self.verifier(pool, Answers())
            try await verifier.sync(world.directory)
            try await verifier.sync(world.directory)
            let account = try world.account.id
            #expect(try await store.identities(accountID: account).map(\.name) == ["apa.example", "standard.example"])
            try await store.register("new.example", accountID: account, mailFrom: nil, actor: "test")
            _ = try await pool.query("INSERT INTO identity (account_id, name) VALUES (\(account), 'old.example')")
            try await verifier.sync(world.directory)
            #expect(try await store.identities(accountID: account).count == 4, "a young row may be another node's")
            _ = try await pool.query("UPDATE identity SET since = now() - interval '1 hour'")
            try await verifier.sync(world.directory)
            #expect(
                try await store.identities(accountID: account).map(\.name)
                    == ["apa.example", "new.example", "standard.example"]
            )
        }
    }

    @Test("One sender at a time is looked at, and what was found is kept with when to look again")
    func passes() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let (store, answers) = (IdentityStore(pool: pool), Answers())
            let verifier = Self.verifier(pool, answers)
            try await verifier.sync(world.directory)
            answers.state.withLock {
                $0.identities["apa.example"] = IdentityStatus(
                    name: "apa.example",
                    isVerified: true,
                    dkimState: "SUCCESS",
                    dkimTokens: ["one"]
                )
                $0.records["one._domainkey.apa.example"] = ["one.dkim.amazonses.com"]
                $0.records["_dmarc.apa.example"] = ["v=DMARC1; p=none"]
            }
            for _ in 0..<2 { #expect(try await verifier.pass(account)) }
            #expect(try await !verifier.pass(account), "nothing is due any more")
            #expect(answers.asked.sorted() == ["get apa.example", "get standard.example"])
            let rows = try await store.identities(accountID: account.id)
            #expect(rows[0].ses?.isVerified == true && rows[0].dns?.count == 2 && rows[0].error == nil)
            #expect(rows[1].ses == nil && rows[1].checkedAt != nil)
            let waits = try await pool.query(
                "SELECT due_at > now() + interval '20 hours' FROM identity ORDER BY account_id, name"
            ).decode(Bool.self)
            #expect(waits == [true, false], "the one that works a day, the other one a minute")
        }
    }

    @Test("A failure is kept beside what was known, and tried again later each time")
    func failures() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let (store, answers) = (IdentityStore(pool: pool), Answers())
            let verifier = Self.verifier(pool, answers)
            try await verifier.sync(world.directory)
            _ = try await pool.query("DELETE FROM identity WHERE name <> 'apa.example'")
            answers.state.withLock {
                $0.identities["apa.example"] = IdentityStatus(name: "apa.example", isVerified: true)
            }
            #expect(try await verifier.pass(account))
            answers.state.withLock {
                $0.failure = SendFailure(.throttled, code: "TooManyRequestsException", message: "slow")
            }
            for failures in 1...3 {
                try await Self.due(pool)
                #expect(try await verifier.pass(account))
                let row = try #require(try await store.identities(accountID: account.id).first)
                #expect(row.failures == failures && row.error == "slow" && row.ses?.isVerified == true)
            }
            answers.state.withLock { $0.failure = nil }
            try await Self.due(pool)
            #expect(try await verifier.pass(account))
            let row = try #require(try await store.identities(accountID: account.id).first)
            #expect(row.failures == 0 && row.error == nil)
        }
    }

    @Test("An admin's wish is carried out once, and is in the audit")
    func registers() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let (store, answers) = (IdentityStore(pool: pool), Answers())
            let verifier = Self.verifier(pool, answers)
            try await AuditOrigin.$requestID.withValue("request-7") {
                try await store.register(
                    "new.example",
                    accountID: account.id,
                    mailFrom: "bounce.new.example",
                    actor: "admin ops"
                )
            }
            #expect(try await verifier.pass(account))
            #expect(answers.asked == ["create new.example", "mail from bounce.new.example", "get new.example"])
            let row = try #require(try await store.identities(accountID: account.id).first)
            #expect(row.isRegistered && !row.createWanted && row.mailFrom == nil)
            #expect(row.ses?.mailFrom == "bounce.new.example")
            try await Self.due(pool)
            #expect(try await verifier.pass(account))
            #expect(answers.asked.count == 4, "it is only asked for again")
            let audit = try await pool.query("SELECT actor, object, request_id FROM audit WHERE action = 'register'")
                .decode(String.self, String.self, String?.self)
            #expect(audit.map(\.0) == ["admin ops"] && audit.map(\.1) == ["identity new.example of account main"])
            #expect(audit.map(\.2) == ["request-7"])
        }
    }

    @Test("A domain below a verified one is covered by that; an address by its own identity or its domain's")
    func coverage() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let (store, answers) = (IdentityStore(pool: pool), Answers())
            let verifier = Self.verifier(pool, answers)
            answers.state.withLock {
                $0.identities["apa.example"] = IdentityStatus(name: "apa.example", isVerified: true)
                $0.identities["mail.apa.example"] = IdentityStatus(name: "mail.apa.example", isVerified: false)
            }
            for name in ["mail.apa.example", "x@apa.example", "other.example"] {
                _ = try await pool.query("INSERT INTO identity (account_id, name) VALUES (\(account.id), \(name))")
            }
            for _ in 0..<3 { #expect(try await verifier.pass(account)) }
            let rows = try await store.identities(accountID: account.id)
            #expect(rows.map { $0.ses?.name } == ["apa.example", nil, "apa.example"])
        }
    }

    @Test("One node at a time asks SES for an account")
    func turns() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account.id
            let store = IdentityStore(pool: pool)
            try await Self.verifier(pool, Answers()).sync(world.directory)
            #expect(try await store.due([account]) == [account])
            #expect(try await store.next(accountID: account) != nil)
            #expect(try await store.next(accountID: account) == nil)
            #expect(try await store.due([account]).isEmpty)
            try await store.passTurn(accountID: account, after: .zero)
            #expect(try await store.next(accountID: account) != nil)
        }
    }

    @Test("A tenant sees and asks for its own senders, and no other's")
    func isolation() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = IdentityStore(pool: pool)
            try await Self.verifier(pool, Answers()).sync(world.directory)
            let apa = try #require(world.directory.tenant(named: "apa")?.id)
            let names = ["apa.example", "standard.example"]
            #expect(try await store.identities(of: names, tenantID: apa).map(\.name) == ["apa.example"])
            #expect(try await store.identities(of: names).count == 2)
            _ = try await pool.query("UPDATE identity SET due_at = now() + interval '1 day'")
            try await store.checkAgain("standard.example", tenantID: apa)
            try await store.checkAgain("apa.example", tenantID: apa)
            let due = try await pool.query("SELECT name FROM identity WHERE due_at <= now()").decode(String.self)
            #expect(due == ["apa.example"])
            _ = try await pool.query("UPDATE identity SET due_at = now() + interval '1 day', checked_at = now()")
            try await store.checkAgain("apa.example", tenantID: apa)
            #expect(try await pool.query("SELECT FROM identity WHERE due_at <= now()").isEmpty, "not every second")
        }
    }

    @Test("A tenant that asks for all of its many senders does not fill the queue")
    func asksForMany() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = IdentityStore(pool: pool)
            let apa = try #require(world.directory.tenant(named: "apa")?.id)
            let account = try world.account.id
            let names = (0..<30).map { "d\($0).example" }
            _ = try await pool.query("UPDATE tenant SET from_domains = \(names) WHERE id = \(apa)")
            _ = try await pool.query(
                """
                INSERT INTO identity (account_id, name, due_at)
                SELECT \(account), n.name, now() + interval '1 day' FROM unnest(\(names)) AS n (name)
                """
            )
            for name in names { try await store.checkAgain(name, tenantID: apa) }
            let due = try await pool.query("SELECT name FROM identity WHERE due_at <= now()").decode(String.self)
            #expect(Set(due) == Set(names.prefix(10)))
        }
    }

    @Test("What a tenant's senders go out as survives the database")
    func rules() async throws {
        try await withDatabase { pool in
            _ = try await World(pool)
            var document = try World.parse()
            var rule = SenderRule(account: "main")
            rule.name = try SenderName(parsing: "apa.example")
            rule.identityARN = "arn:aws:ses:eu-central-1:123456789012:identity/apa.example"
            rule.configurationSets = ["bulk": "newsletters"]
            document.tenants[0].senders = [rule]
            document.tenants[0].sharedDomains = ["apa.example"]
            let store = DirectoryStore(pool: pool)
            #expect(try await store.apply(document, actor: "test").isEffective)
            #expect(try await store.apply(document, actor: "test").isEffective == false)
            let tenant = try #require(try await DirectoryLoader.load(pool).tenant(named: "apa"))
            #expect(tenant.rules == SenderRules([rule]) && tenant.sharedDomains == ["apa.example"])
            document.tenants[1].fromDomains = ["apa.example"]
            await #expect(throws: DirectoryError.self) { try await store.apply(document, actor: "test") }
            await #expect(throws: DirectoryError.self) {
                _ = try await store.putTenant(document.tenants[1], actor: "test")
            }
            _ = try await store.setStatus(.paused, tenant: "apa", actor: "test")
            let paused = try #require(try await DirectoryLoader.load(pool).tenant(named: "apa"))
            #expect(paused.status == .paused && paused.rules == tenant.rules && paused.sharedDomains == ["apa.example"])
        }
    }

    @Test("Of tenants that claim one domain at once, one gets it", arguments: 0..<4)
    func race(round: Int) async throws {
        try await withDatabase { pool in
            _ = try await World(pool)
            let document = try World.parse()
            let store = DirectoryStore(pool: pool)
            let claims = round % 2 == 0 ? ["new.example", "new.example"] : ["new.example", "mail.new.example"]
            let taken = await withTaskGroup(of: Bool.self) { group in
                for (place, claim) in claims.enumerated() {
                    var tenant = document.tenants[place]
                    tenant.fromDomains.append(claim)
                    let wanted = tenant
                    group.addTask { (try? await store.putTenant(wanted, actor: "test")) != nil }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(taken == 1)
            let owners = try await DirectoryLoader.load(pool).tenants.values
                .filter { $0.fromDomains.contains { $0.hasSuffix("new.example") } }
            #expect(owners.count == 1)
        }
    }

    @Test("A claimed call knows its region")
    func region() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await world.accept([try world.message(region: "UK")])
            let calls = try await world.claim(try world.lane("apa", "UK"), 1)
            #expect(calls.map(\.region) == ["UK"])
        }
    }
}
