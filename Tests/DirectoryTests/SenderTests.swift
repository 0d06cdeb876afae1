import Coding
import Mail
import Testing

@testable import Directory

@Suite("What tenants send from, and how it goes out")
struct SenderTests {
    private static let arn = "arn:aws:ses:eu-central-1:123456789012:identity/apa.example"

    private static func tenant(_ senders: String, domains: String = "[apa.example, 'news@partner.example']") throws
        -> TenantDocument
    {
        try DocumentTests.tenant(
            "{name: apa, from_domains: \(domains), default_region: AT, regions: {AT: main/AT, UK: main/UK}, senders: \(senders)}"
        )
    }

    private static func plan(_ tenants: String, over current: DirectorySnapshot? = nil) throws -> DirectoryPlan {
        let empty = DirectorySnapshot(version: 0, accounts: [], tenants: [], lanes: [], keys: [])
        return try DirectoryPlan(PlanTests.document(PlanTests.accounts, tenants), over: current ?? empty)
    }

    @Test("The most exact rule that says something counts, for each thing apart")
    func terms() throws {
        let tenant = try Self.tenant(
            """
            [{account: main, configuration_set: all},
             {domain: APA.example, account: main, identity_arn: '\(Self.arn)', configuration_set: {bulk: newsletters}},
             {domain: apa.example, account: main, region: UK, configuration_set: {bulk: uk}},
             {address: News@partner.example, account: main, feedback: {address: bounces@apa.example}}]
            """
        )
        let rules = SenderRules(tenant.senders)
        func terms(_ from: String, _ region: String, _ stream: String, _ account: String = "main") -> SenderTerms {
            rules.terms(from: from, account: account, region: region, stream: stream)
        }
        #expect(
            terms("a@apa.example", "AT", "bulk") == SenderTerms(identityARN: Self.arn, configurationSet: "newsletters")
        )
        #expect(
            terms("Shop <a@apa.example>", "UK", "bulk") == SenderTerms(identityARN: Self.arn, configurationSet: "uk")
        )
        #expect(
            terms("a@apa.example", "UK", "transactional") == SenderTerms(identityARN: Self.arn, configurationSet: "all")
        )
        #expect(
            terms("\"N\" <news@partner.example>", "AT", "bulk")
                == SenderTerms(feedbackAddress: "bounces@apa.example", configurationSet: "all")
        )
        #expect(terms("other@partner.example", "AT", "bulk") == SenderTerms(configurationSet: "all"))
        #expect(terms("a@sub.apa.example", "AT", "bulk") == SenderTerms(configurationSet: "all"))
        #expect(terms("a@apa.example", "AT", "bulk", "other") == .standard)
        #expect(terms("no address", "AT", "bulk") == SenderTerms(configurationSet: "all"))
        #expect(SenderRules(stored: rules.json) == rules)
        #expect(SenderRules(stored: #"[{"account": "main", "colour": "red"}]"#).isEmpty)
    }

    @Test(
        "What is wrong with a rule is named with its place",
        arguments: [
            ("[{account: main}]", "/senders/0", "says nothing"),
            ("[{domain: apa.example, configuration_set: x}]", "/senders/0/account", "required"),
            (
                "[{domain: apa.example, address: a@apa.example, account: main, configuration_set: x}]",
                "/senders/0/address", "either"
            ),
            ("[{domain: a@apa.example, account: main, configuration_set: x}]", "/senders/0/domain", "must be a domain"),
            (
                "[{address: apa.example, account: main, configuration_set: x}]", "/senders/0/address",
                "must be an address"
            ),
            ("[{domain: '*.apa.example', account: main, configuration_set: x}]", "/senders/0/domain", "holds"),
            (
                "[{domain: '\u{0430}pa.example', account: main, configuration_set: x}]", "/senders/0/domain",
                "several scripts"
            ),
            ("[{account: main, identity_arn: '\(arn)'}]", "/senders/0/identity_arn", "needs the domain"),
            (
                "[{domain: apa.example, account: main, identity_arn: apa.example}]", "/senders/0/identity_arn",
                "arn:aws:ses"
            ),
            (
                "[{domain: apa.example, account: main, identity_arn: 'arn:aws:ses:eu-central-1:1:identity/apa.example'}]",
                "/senders/0/identity_arn", "12 digits"
            ),
            (
                "[{domain: apa.example, account: main, identity_arn: 'arn:aws:sns:eu-central-1:123456789012:identity/apa.example'}]",
                "/senders/0/identity_arn", "ARN"
            ),
            (
                "[{domain: apa.example, account: main, identity_arn: 'arn:aws:ses:eu-central-1:123456789012:identity/evil.example'}]",
                "/senders/0/identity_arn", "must be the identity of apa.example"
            ),
            (
                "[{domain: apa.example, account: main, configuration_set: 'a b'}]", "/senders/0/configuration_set",
                "letters"
            ),
            (
                "[{domain: apa.example, account: main, configuration_set: {bulk: ''}}]",
                "/senders/0/configuration_set/bulk", "letters"
            ),
            (
                "[{domain: apa.example, account: main, configuration_set: {fast: x}}]",
                "/senders/0/configuration_set/fast", "unknown"
            ),
            ("[{domain: apa.example, account: main, feedback: {address: x}}]", "/senders/0/feedback/address", "dot"),
            ("[{domain: apa.example, account: 'a/b', configuration_set: x}]", "/senders/0/account", "letters"),
        ]
    )
    func refused(_ senders: String, _ pointer: String, _ detail: String) throws {
        let error = try #require(throws: DecodingError.self) { try Self.tenant(senders) }
        let fault = DecodingFault(error)
        #expect(fault.pointer == pointer)
        #expect(fault.detail.contains(detail), "\(fault.detail)")
    }

    @Test("Names are kept in the form that is compared, and once")
    func normalised() throws {
        let tenant = try Self.tenant("[]", domains: "[APA.Example, apa.example, Bücher.example, 'News@Apa.example']")
        #expect(tenant.fromDomains == ["apa.example", "xn--bcher-kva.example", "news@apa.example"])
        let error = try #require(throws: DecodingError.self) {
            try Self.tenant("[]", domains: "[apa.example, 'apa.example.']")
        }
        #expect(DecodingFault(error).pointer == "/from_domains/1")
    }

    @Test(
        "A rule speaks of an account, a region and a sender that there are",
        arguments: [
            ("[{domain: apa.example, account: none, configuration_set: x}]", "no account 'none'"),
            ("[{domain: apa.example, account: main, region: FR, configuration_set: x}]", "no region 'FR'"),
            ("[{domain: other.example, account: main, configuration_set: x}]", "not among the tenant's from_domains"),
            ("[{domain: sub.apa.example, account: main, configuration_set: x}]", "not among the tenant's from_domains"),
            (
                "[{domain: apa.example, account: main, identity_arn: 'arn:aws:ses:us-east-1:123456789012:identity/apa.example'}]",
                "eu-central-1"
            ),
        ]
    )
    func contradictions(_ senders: String, _ detail: String) throws {
        let tenants =
            "[{name: apa, from_domains: [apa.example], default_region: AT, regions: {AT: main/AT}, senders: \(senders)}]"
        let error = try #require(throws: DirectoryError.self) { try Self.plan(tenants) }
        #expect(error.message.contains(detail), "\(error)")
    }

    @Test(
        "What one tenant claims, no other may use",
        arguments: [
            ("[a.example]", "[a.example]", true), ("[a.example]", "[A.EXAMPLE]", true),
            ("[a.example]", "[b.a.example]", true), ("[b.a.example]", "[a.example]", true),
            ("[a.example]", "['x@a.example']", true), ("['x@a.example']", "[a.example]", true),
            ("['x@a.example']", "['x@a.example']", true), ("['x@a.example']", "['y@a.example']", false),
            ("['x@b.a.example']", "[a.example]", true), ("[a.example]", "[ba.example]", false),
            ("[bücher.example]", "[xn--bcher-kva.example]", true), ("[оса.рф]", "[оса.рф]", true),
            // The second is Latin, and so is what it is below.
            ("[оса.рф]", "[oca.рф]", true), ("[оса.рф]", "[mail.oca.рф]", true), ("[mail.oca.рф]", "[оса.рф]", true),
            ("[mail.оса.рф]", "['x@oca.рф']", true), ("[mail.оса.рф]", "[news.оса.рф]", false),
            ("[a.example]", "[b.example]", false),
        ]
    )
    func claims(_ first: String, _ second: String, _ isRefused: Bool) throws {
        func tenants(_ shared: (String, String) = ("[]", "[]")) -> String {
            """
            - {name: one, from_domains: \(first), shared_domains: \(shared.0), default_region: AT, regions: {AT: main/AT}}
            - {name: two, from_domains: \(second), shared_domains: \(shared.1), default_region: AT, regions: {AT: main/AT}}
            """
        }
        guard isRefused else {
            #expect(throws: Never.self) { try Self.plan(tenants()) }
            return
        }
        let error = try #require(throws: DirectoryError.self) { try Self.plan(tenants()) }
        #expect(error.code == .conflict)
        #expect(throws: DirectoryError.self) { try Self.plan(tenants((first, "[]"))) }
        #expect(throws: DirectoryError.self) { try Self.plan(tenants(("[]", second))) }
        #expect(throws: Never.self) { try Self.plan(tenants((first, second))) }
    }

    @Test("A tenant that is replaced alone is held to the same, and an account that senders name stays")
    func oneByOne() throws {
        let old = PlanTests.snapshot(
            try PlanTests.document(
                PlanTests.accounts,
                """
                - {name: one, from_domains: [a.example], regions: {AT: main/AT}, shared_domains: [a.example],
                   senders: [{account: main, configuration_set: own}]}
                - {name: two, from_domains: [b.example], regions: {AT: main/AT}}
                """
            )
        )
        var two = try #require(old.tenant(named: "two")).document
        two.fromDomains = ["a.example"]
        #expect(throws: DirectoryError.self) { try DirectoryPlan(replacing: two, over: old) }
        two.sharedDomains = ["a.example"]
        #expect(throws: Never.self) { try DirectoryPlan(replacing: two, over: old) }
        two.senders = [SenderRule(account: "none")]
        #expect(throws: DirectoryError.self) { try DirectoryPlan(replacing: two, over: old) }
        var one = try #require(old.tenant(named: "one")).document
        #expect(try DirectoryPlan(replacing: one, over: old).changes.isEmpty, "the document says all that there is")
        one.status = .paused
        #expect(try DirectoryPlan(replacing: one, over: old).changes.map(\.detail) == ["status active -> paused"])
    }

    @Test("A tenant that stays as it was is not asked, one that takes another's domain is")
    func claimsOfThoseThatStay() throws {
        let old = PlanTests.snapshot(
            try PlanTests.document(
                PlanTests.accounts,
                "[{name: one, from_domains: [a.example], regions: {AT: main/AT}}]"
            )
        )
        let new = "[{name: two, from_domains: [a.example], regions: {AT: main/AT}}]"
        #expect(throws: DirectoryError.self) { try Self.plan(new, over: old) }
        let both =
            "[{name: one, from_domains: [a.example], regions: {AT: main/AT}}, {name: two, from_domains: [b.example], regions: {AT: main/AT}}]"
        #expect(throws: Never.self) { try Self.plan(both, over: old) }
    }
}
