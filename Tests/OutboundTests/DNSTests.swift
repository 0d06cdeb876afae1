import Foundation
import Testing

@testable import Outbound

@Suite("Questions to DNS", .timeLimit(.minutes(5)))
struct DNSTests {
    @Test(
        "Texts, aliases, chains of them, mail servers, and what there is not",
        .enabled(if: DNSServer.folder != nil, "SLUICE_REFEREES names no virtual environment with dnslib")
    )
    func answers() async throws {
        try await DNSServer.run { server in
            let resolver = try DNSResolver(servers: [server.address])
            let answers = await resolver.answers(
                to: [
                    DNSQuestion("spf.example", .txt), DNSQuestion("one._domainkey.apa.example", .cname),
                    DNSQuestion("chain.example", .txt), DNSQuestion("bounce.apa.example", .mx),
                    DNSQuestion("none.example", .txt), DNSQuestion("spf.example", .mx),
                ]
            )
            #expect(answers[0] == .records(["v=spf1 include:amazonses.com ~all", "verification=1"].sorted()))
            #expect(answers[1] == .records(["one.dkim.amazonses.com"]))
            #expect(answers[2] == .records(["at the end"]))
            #expect(answers[3] == .records(["10 feedback-smtp.eu-central-1.amazonses.com"]))
            #expect(answers[4] == .records([]))
            #expect(answers[5] == .records([]))
        }
    }

    @Test(
        "An answer that is too long for UDP comes by TCP; what is too long for anybody is cut",
        .enabled(if: DNSServer.folder != nil, "SLUICE_REFEREES names no virtual environment with dnslib")
    )
    func tcp() async throws {
        try await DNSServer.run { server in
            let answers = await (try DNSResolver(servers: [server.address])).answers(to: [
                DNSQuestion("long.example", .txt)
            ])
            guard case .records(let records) = answers.first else {
                Issue.record("\(answers)")
                return
            }
            #expect(records.map(\.utf8.count) == [DNSRecordData.mostText])
        }
    }

    @Test(
        "A server that fails, refuses or says nothing tells nothing, and costs no more than the time that was given",
        .enabled(if: DNSServer.folder != nil, "SLUICE_REFEREES names no virtual environment with dnslib")
    )
    func failures() async throws {
        try await DNSServer.run { server in
            let started = ContinuousClock.now
            let answers = await (try DNSResolver(servers: [server.address])).answers(
                to: [
                    DNSQuestion("servfail.example", .txt), DNSQuestion("silent.example", .txt),
                    DNSQuestion("spf.example", .txt),
                ],
                within: .seconds(3)
            )
            #expect(ContinuousClock.now - started < .seconds(30))
            for answer in answers.prefix(2) {
                guard case .unknown = answer else {
                    Issue.record("\(answer)")
                    continue
                }
            }
            #expect(answers[1] == .unknown("no answer in time"))
            guard case .records = answers[2] else {
                Issue.record("\(answers[2])")
                return
            }
        }
    }

    @Test(
        "Answers to questions that were not asked are not believed",
        .enabled(if: DNSServer.folder != nil, "SLUICE_REFEREES names no virtual environment with dnslib")
    )
    func forged() async throws {
        try await DNSServer.run { server in
            let resolver = try DNSResolver(servers: [server.address])
            let answers = await resolver.answers(to: [DNSQuestion("forged.example", .txt)])
            #expect(answers == [.records(["true"])])
        }
    }

    @Test(
        "Each batch asks anew: what was published a second ago is seen",
        .enabled(if: DNSServer.folder != nil, "SLUICE_REFEREES names no virtual environment with dnslib")
    )
    func noCache() async throws {
        try await DNSServer.run { server in
            let resolver = try DNSResolver(servers: [server.address])
            let first = await resolver.answers(to: [DNSQuestion("counted.example", .txt)])
            let second = await resolver.answers(to: [DNSQuestion("counted.example", .txt)])
            #expect(first != second)
        }
    }

    @Test("Reserved names are not asked of public servers")
    func reserved() async throws {
        let answers = try await DNSResolver().answers(to: [DNSQuestion("_dmarc.apa.example", .txt)], within: .zero)
        #expect(answers == [.records([])])
    }

    @Test(
        "What is no name server is refused",
        arguments: [
            "", "ns.example", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:70000", "192.0.2.53:5 3", "[2001:db8::1]x",
            "[::1", "1.2.3",
            "192.0.2.53@53", "::1:x",
        ]
    )
    func servers(_ text: String) {
        #expect(throws: DNSResolver.InvalidServer.self) { try DNSResolver(servers: [text]) }
    }

    @Test(
        "Name servers of either family, with and without a port",
        arguments: [
            "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]", "[2001:db8::53]:5353",
        ]
    )
    func goodServers(_ text: String) {
        #expect(throws: Never.self) { try DNSResolver(servers: [text]) }
    }

    @Test("Malformed data is no record")
    func malformed() {
        #expect(DNSRecordData.text([3, 0x61, 0x62], kind: .txt) == nil)
        #expect(DNSRecordData.text([], kind: .txt) == "")
        #expect(DNSRecordData.text([2, 0x61, 0x0A, 1, 0xFF], kind: .txt) == "a??")
        #expect(DNSRecordData.text([1, 0x41, 0], kind: .cname) == "a")
        #expect(DNSRecordData.text([1, 0x41], kind: .cname) == nil)
        #expect(DNSRecordData.text([0xC0, 0x0C], kind: .cname) == nil)
        #expect(DNSRecordData.text([1, 0x41, 0, 0], kind: .cname) == nil)
        #expect(DNSRecordData.text([0, 10], kind: .mx) == nil)
        #expect(DNSRecordData.text([0, 10, 1, 0x2E, 0], kind: .mx) == "10 ?")
    }
}
