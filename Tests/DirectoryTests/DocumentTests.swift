import Capacity
import Coding
import Directory
import Foundation
import Testing
import Yams

@Suite("Accounts and tenants as documents")
struct DocumentTests {
    static func account(_ yaml: String) throws -> AccountDocument {
        try YAMLDecoder().decode(AccountDocument.self, from: yaml)
    }

    static func tenant(_ yaml: String) throws -> TenantDocument {
        try YAMLDecoder().decode(TenantDocument.self, from: yaml)
    }

    @Test("The account of the configuration page reads as it says")
    func fullAccount() throws {
        let account = try Self.account(
            """
            name: main
            aws_region: eu-central-1
            endpoint: http://127.0.0.1:8090
            quota: {rate: 50, daily: 50000}
            window: egress
            configuration_set: sluice
            credentials: {profile: mail}
            sns_topics: ["arn:aws:sns:eu-central-1:123456789012:sluice-feedback_1"]
            sqs_queue_url: http://localhost:4566/000000000000/sluice
            shares:
              AT: {rate: 30, lend: false}
              UK:
                rate: 10
                ceiling: 20
                shares:
                  apa: {rate: 6}
              other: {rate: 10, ceiling: null}
            """
        )
        #expect(account.quota == .fixed(rate: 50, daily: 50000))
        #expect(account.window == .egress)
        #expect(account.snsTopics.count == 1 && account.sqsQueueURL != nil)
        #expect(account.credentials == .profile("mail"))
        #expect(account.shares.map(\.name) == ["AT", "UK", "other"])
        #expect(account.shares[0] == Share(name: "AT", rate: 30, ceiling: .rate, lend: false))
        #expect(account.shares[1].ceiling == .credits(20))
        #expect(account.shares[1].children == [Share(name: "apa", rate: 6)])
        #expect(account.shares[2].ceiling == .parent)
    }

    @Test("Defaults: an automatic quota, the response window, no shares")
    func smallAccount() throws {
        let account = try Self.account("{name: a, aws_region: us-east-1, quota: auto}")
        #expect(account.quota == .auto)
        #expect(account.window == .response)
        #expect(account.shares.isEmpty)
    }

    @Test(
        "What is wrong is named with its place",
        arguments: [
            ("{name: a, aws_region: x, quota: auto, colour: red}", "/colour", "unknown member 'colour'"),
            ("{name: a, aws_region: x}", "/quota", "is required"),
            ("{name: 'a b', aws_region: x, quota: auto}", "/name", "letters"),
            ("{name: a, aws_region: x, quota: often}", "/quota", "auto"),
            ("{name: a, aws_region: x, quota: {rate: 0}}", "/quota/rate", "0.001"),
            ("{name: a, aws_region: x, quota: {rate: 5, dayly: 4}}", "/quota/dayly", "unknown member"),
            ("{name: a, aws_region: x, quota: {rate: 5, daily: -2}}", "/quota/daily", "-1"),
            ("{name: a, aws_region: x, quota: auto, endpoint: 'ftp://x'}", "/endpoint", "http"),
            ("{name: a, aws_region: x, quota: auto, credentials: {}}", "/credentials", "either"),
            (
                "{name: a, aws_region: x, quota: {rate: 10}, shares: {A: {rate: 6}, B: {rate: 5}}}", "/shares",
                "add up to 11"
            ),
            ("{name: a, aws_region: x, quota: auto, shares: {A: {rat: 6}}}", "/shares/A/rat", "unknown member"),
            ("{name: a, aws_region: x, quota: auto, shares: {A: {rate: many}}}", "/shares/A/rate", "whole number"),
            ("{name: a, aws_region: x, quota: auto, window: half}", "/window", ""),
            ("{name: a, aws_region: x, quota: auto, sns_topics: [sluice]}", "/sns_topics/0", "arn:aws:sns:x:"),
            (
                "{name: a, aws_region: x, quota: auto, sns_topics: ['arn:aws:sns:x:123456789012:t', 'arn:aws:sns:y:123456789012:t']}",
                "/sns_topics/1", "the account's region, which is x"
            ),
            (
                "{name: a, aws_region: x, quota: auto, sns_topics: ['arn:aws:sns:x:123456789012:t.fifo']}",
                "/sns_topics/0", "FIFO"
            ),
            (
                "{name: a, aws_region: x, quota: auto, sns_topics: ['arn:aws:sns:x:1234:t']}", "/sns_topics/0",
                "12 digits"
            ),
            (
                "{name: a, aws_region: x, quota: auto, sns_topics: ['arn:aws:sns:x:123456789012:']}", "/sns_topics/0",
                "name"
            ),
            (
                "{name: a, aws_region: x, quota: auto, sns_topics: ['arn:aws:sns:x:123456789012:t:0']}",
                "/sns_topics/0", "ARN"
            ),
            (
                "{name: a, aws_region: x, quota: auto, sns_topics: ['arn:aws:sqs:x:123456789012:t']}", "/sns_topics/0",
                "ARN"
            ),
            (
                "{name: a, aws_region: x, quota: auto, sns_topics: ['arn:azure:sns:x:123456789012:t']}",
                "/sns_topics/0", "ARN"
            ),
            ("{name: a, aws_region: x, quota: auto, sqs_queue_url: sluice}", "/sqs_queue_url", "https://sqs.x."),
            (
                "{name: a, aws_region: x, quota: auto, sqs_queue_url: 'arn:aws:sqs:x:123456789012:q'}",
                "/sqs_queue_url", "URL"
            ),
            (
                "{name: a, aws_region: x, quota: auto, sqs_queue_url: 'https://sqs.x.amazonaws.com'}", "/sqs_queue_url",
                "URL"
            ),
        ]
    )
    func refusedAccounts(yaml: String, pointer: String, detail: String) throws {
        let error = #expect(throws: DecodingError.self) { try Self.account(yaml) }
        let fault = DecodingFault(try #require(error))
        #expect(fault.pointer == pointer, "\(fault)")
        #expect(detail.isEmpty || fault.detail.contains(detail), "\(fault)")
    }

    @Test("A topic may be in any partition", arguments: ["aws", "aws-cn", "aws-us-gov", "aws-eusc"])
    func partitions(partition: String) throws {
        let account = try Self.account(
            "{name: a, aws_region: x, quota: auto, sns_topics: ['arn:\(partition):sns:x:123456789012:Sluice-1_a']}"
        )
        #expect(account.snsTopics == ["arn:\(partition):sns:x:123456789012:Sluice-1_a"])
    }

    @Test(
        "Nothing is named like a path, or like something else that names are put into",
        arguments: [
            "", ".", "..", ".hidden", "../x", "..\\x", "a/b", "/", "a\\b", "%2e%2e", "a%2Fb", "a b", " a", "a\n",
            "a:test", "a'b", "a;b", "$1", "{{a}}", "<a>", "\u{430}pa", "a\u{202E}b", String(repeating: "x", count: 65),
        ]
    )
    func names(name: String) throws {
        // JSON is YAML, and can spell each of them.
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let quoted = String(decoding: try encoder.encode(name), as: UTF8.self)
        func fault(_ body: () throws -> Void) throws -> String {
            let error = #expect(throws: DecodingError.self) { try body() }
            return DecodingFault(try #require(error)).pointer
        }
        let tenant = "from_domains: [], regions: {AT: main/AT}"
        #expect(try fault { _ = try Self.tenant("{name: \(quoted), \(tenant)}") } == "/name")
        #expect(
            try fault {
                _ = try Self.tenant(
                    "{name: a, from_domains: [], default_region: AT, regions: {AT: main, \(quoted): main}}"
                )
            }.hasPrefix("/regions")
        )
        let account = "aws_region: x, quota: {rate: 10}"
        #expect(try fault { _ = try Self.account("{name: \(quoted), \(account)}") } == "/name")
        #expect(
            try fault { _ = try Self.account("{name: a, \(account), shares: {\(quoted): {rate: 1}}}") }
                .hasPrefix("/shares")
        )
        // One that is all right, so that it is not something else that is wrong.
        _ = try Self.tenant("{name: \"a-b_c.d\", \(tenant)}")
    }

    @Test("A tenant's limits are whole numbers above nothing, or none")
    func limits() throws {
        let limited = try Self.tenant(
            "{name: a, from_domains: [], regions: {AT: main/AT}, limits: {api_rate: 5, queued: null, daily: 100}}"
        )
        #expect(limited.limits == TenantLimits(apiRate: 5, daily: 100))
        #expect(try Self.tenant("{name: a, from_domains: [], regions: {AT: main/AT}}").limits == TenantLimits())
        for limits in ["{api_rate: 0}", "{queued: -1}", "{daily: 1.5}", "{daily: many}", "{hourly: 5}", "[]"] {
            #expect(throws: DecodingError.self) {
                try Self.tenant("{name: a, from_domains: [], regions: {AT: main/AT}, limits: \(limits)}")
            }
        }
    }

    @Test("From domains are kept as they are compared, and what is none is refused")
    func fromDomains() throws {
        let tenant = try Self.tenant("{name: a, from_domains: [Bücher.example, A@B.example], regions: {AT: main/AT}}")
        #expect(tenant.fromDomains == ["xn--bcher-kva.example", "a@b.example"])
        for domain in ["'*'", "'*.a.example'", "'@a.example'", "'a b'", "'A <a@b.example>'", "'a.example/b'"] {
            #expect(throws: DecodingError.self) {
                try Self.tenant("{name: a, from_domains: [\(domain)], regions: {AT: main/AT}}")
            }
        }
    }

    @Test("A tenant with one region needs no default; one with several does")
    func defaultRegion() throws {
        let one = try Self.tenant("{name: a, from_domains: [a.example], regions: {AT: main/AT}}")
        #expect(one.defaultRegion == "AT")
        #expect(one.unknownPolicy == .resend)
        #expect(one.status == .active)
        for yaml in [
            "{name: a, from_domains: [], regions: {AT: main/AT, UK: main/UK}}",
            "{name: a, from_domains: [], regions: {}}",
            "{name: a, from_domains: [], default_region: FR, regions: {AT: main/AT}}",
            "{name: a, from_domains: [], regions: {'*': main/AT}}",
            "{name: a, from_domains: [], regions: {AT: main/AT}, unknown_policy: shrug}",
        ] {
            #expect(throws: DecodingError.self) { try Self.tenant(yaml) }
        }
        let open = try Self.tenant("{name: a, from_domains: [], default_region: FR, regions: {AT: main/AT, '*': main}}")
        #expect(open.defaultRegion == "FR")
    }
}
