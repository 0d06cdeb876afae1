import Mail
import Outbound
import SES
import Testing

@testable import Identities

@Suite("DNS records that senders need")
struct RecordTests {
    static let status = IdentityStatus(
        name: "apa.example",
        isVerified: true,
        dkimState: "SUCCESS",
        dkimTokens: ["One", "two", "three"],
        mailFrom: "bounce.apa.example",
        mailFromState: "SUCCESS"
    )

    static func sender(_ text: String = "apa.example") throws -> SenderName { try SenderName(parsing: text) }

    /// What DNS says when all is published.
    static func published(
        dmarc: String = "v=DMARC1; p=reject",
        changed: [String: [String]] = [:],
        at sender: String = "apa.example"
    ) throws -> [DNSFinding] {
        let plan = RecordPlan(sender: try Self.sender(sender), status: status, region: "eu-central-1")
        return plan.questions.map { question in
            let wanted = plan.records.first { $0.question == question }
            let value = wanted?.purpose == .dmarc ? dmarc : wanted?.value
            return DNSFinding(question, .records(changed[question.name] ?? value.map { [$0] } ?? []))
        }
    }

    @Test("Three for DKIM, two for MAIL FROM, and a policy")
    func plan() throws {
        let plan = RecordPlan(
            sender: try Self.sender("news@mail.apa.example"),
            status: Self.status,
            region: "eu-central-1"
        )
        #expect(
            plan.records.map { "\($0.type) \($0.name) \($0.value)" } == [
                "CNAME one._domainkey.apa.example one.dkim.amazonses.com",
                "CNAME two._domainkey.apa.example two.dkim.amazonses.com",
                "CNAME three._domainkey.apa.example three.dkim.amazonses.com",
                "MX bounce.apa.example 10 feedback-smtp.eu-central-1.amazonses.com",
                "TXT bounce.apa.example v=spf1 include:amazonses.com ~all",
                "TXT _dmarc.mail.apa.example v=DMARC1; p=none;",
            ]
        )
        #expect(plan.questions.last == DNSQuestion("_dmarc.apa.example", .txt))
        let milan = RecordPlan(sender: try Self.sender(), status: Self.status, region: "eu-south-1")
        #expect(milan.records[0].value == "one.dkim.eu-south-1.amazonses.com")
        #expect(RecordPlan(sender: try Self.sender(), status: nil, region: "eu-south-1").records.count == 1)
    }

    @Test(
        "A record is found, missing, or something else",
        arguments: [
            (0, ["one.dkim.amazonses.com"], RecordState.found), (0, [], .missing),
            (0, ["one.dkim.eu-south-1.amazonses.com"], .found), (0, ["two.dkim.amazonses.com"], .different),
            (0, ["one.dkim.amazonses.com.evil.example"], .different),
            (3, ["10 feedback-smtp.eu-central-1.amazonses.com"], .found),
            (3, ["5 feedback-smtp.eu-central-1.amazonses.com"], .found),
            (3, ["10 feedback-smtp.us-east-1.amazonses.com"], .different),
            (3, ["10 feedback-smtp.eu-central-1.amazonses.com", "20 mx.apa.example"], .different),
            (4, ["v=spf1 include:amazonses.com ~all"], .found),
            (4, ["V=SPF1 a mx +INCLUDE:amazonses.com -all"], .found),
            (4, ["other", "v=spf1 include:amazonses.com -all"], .found),
            (4, ["v=spf10 include:amazonses.com"], .missing),
            (4, ["v=spf1 -include:amazonses.com ~all"], .different),
            (4, ["v=spf1 redirect=spf.apa.example"], .different),
            (4, ["v=spf1 -all", "v=spf1 include:amazonses.com -all"], .different),
            (5, ["v=DMARC1; p=reject"], .found), (5, ["v = DMARC1 ; p = none"], .found), (5, ["v=DMARC1"], .different),
            (5, ["p=none; v=DMARC1"], .missing), (5, ["v=dmarc1; p=none"], .missing),
            (5, ["v=DMARC1; p=maybe"], .different),
            (5, ["v=DMARC1; p=none", "v=DMARC1; p=reject"], .different),
        ] as [(Int, [String], RecordState)]
    )
    func states(_ place: Int, _ records: [String], _ state: RecordState) throws {
        let wanted = RecordPlan(sender: try Self.sender(), status: Self.status, region: "eu-central-1").records[place]
        let finding = DNSFinding(wanted.question, .records(records))
        #expect(wanted.state(by: [finding]).state == state)
        #expect(wanted.state(by: []).state == .unknown)
        #expect(wanted.state(by: [DNSFinding(wanted.question, .unknown("down"))]).problem == "down")
    }

    @Test(
        "Alignment is judged so that it holds for every receiver",
        arguments: [
            // From, DMARC record, DKIM, SPF.
            ("apa.example", "v=DMARC1; p=reject", true, true),
            ("apa.example", "v=DMARC1; p=reject; aspf=s", true, false),
            ("mail.apa.example", "v=DMARC1; p=reject", true, true),
            ("mail.apa.example", "v=DMARC1; p=reject; adkim=s", false, true),
        ]
    )
    func alignment(_ from: String, _ record: String, _ dkim: Bool, _ spf: Bool) throws {
        let sender = try Self.sender(from)
        let plan = RecordPlan(sender: sender, status: Self.status, region: "eu-central-1")
        let findings = try Self.published(dmarc: record, changed: ["_dmarc.apa.example": [record]], at: from)
        let alignment = Alignment(sender: sender, status: Self.status, records: plan.records, findings: findings)
        #expect(alignment.isDKIMAligned == dkim)
        #expect(alignment.isSPFAligned == spf)
        #expect(alignment.policy == .reject)
    }

    @Test("Two domains below one are of one organisation only where that has a policy")
    func siblings() throws {
        let sender = try Self.sender("mail.co.example")
        var status = Self.status
        status.name = "other.co.example"
        status.mailFrom = nil
        let cases: [(record: [String], policy: DMARCRecord.Policy?)] = [
            ([], nil), (["v=DMARC1; p=none; sp=quarantine"], .quarantine),
        ]
        for (record, policy) in cases {
            let findings = [DNSFinding(name: "_dmarc.co.example", kind: .txt, records: record)]
            let alignment = Alignment(sender: sender, status: status, records: [], findings: findings)
            #expect(alignment.isDKIMAligned == (policy != nil))
            #expect(alignment.policy == policy)
        }
    }
}
