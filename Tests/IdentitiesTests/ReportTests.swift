import Foundation
import Mail
import SES
import Testing

@testable import Identities

@Suite("What is said of a sender, in plain words")
struct ReportTests {
    private static func row(_ change: (inout IdentityRow) -> Void = { _ in }) throws -> IdentityRow {
        var row = IdentityRow(accountID: 1, name: "apa.example")
        row.ses = RecordTests.status
        row.dns = try RecordTests.published()
        row.checkedAt = Date()
        change(&row)
        return row
    }

    private static func report(
        _ row: IdentityRow?,
        arn: String? = nil,
        isForOperator: Bool = true
    ) throws -> IdentityReport {
        IdentityReport(
            sender: try RecordTests.sender(),
            row: row,
            identityARN: arn,
            account: "main",
            region: "eu-central-1",
            isForOperator: isForOperator
        )
    }

    @Test("Nothing is missing where all is published and SES has seen it")
    func verified() throws {
        let report = try Self.report(try Self.row())
        #expect(report.standing == .verified && report.missing == [])
        #expect(report.records.allSatisfy { $0.state == .found })
    }

    @Test("What was never looked at, or could not be, is not known")
    func unknown() throws {
        #expect(try Self.report(nil).standing == .unknown)
        let row = try Self.row {
            $0.checkedAt = nil
            $0.ses = nil
            $0.error = "SES refused: no"
        }
        let failed = try Self.report(row)
        #expect(failed.standing == .unknown)
        #expect(failed.missing == ["SES could not be asked in account main: SES refused: no"])
        // Why not may name the account's credentials.
        let told = try Self.report(row, isForOperator: false).missing
        #expect(told == ["SES could not be asked in account main; that is tried again by itself."])
    }

    @Test("SES may have none, or the identity may be another AWS account's")
    func absent() throws {
        let row = try Self.row { $0.ses = nil }
        let report = try Self.report(row)
        #expect(report.standing == .unregistered)
        #expect(report.missing[0].contains("an operator has to register it"))
        let wanted = try Self.row { row in
            row.ses = nil
            row.createWanted = true
        }
        #expect(try Self.report(wanted).missing[0].contains("being registered"))
        let foreign = try Self.report(row, arn: "arn:aws:ses:eu-central-1:123456789012:identity/apa.example")
        #expect(foreign.standing == .foreign)
        #expect(foreign.missing[0].contains("sending authorization"))
    }

    @Test("A new domain is told each record that it lacks")
    func pending() throws {
        let report = try Self.report(
            try Self.row { row in
                row.ses?.isVerified = false
                row.ses?.dkimState = "PENDING"
                row.ses?.mailFromState = "PENDING"
                row.dns = row.dns?.map { DNSFinding(name: $0.name, kind: $0.kind, records: []) }
            }
        )
        #expect(report.standing == .pending)
        #expect(report.missing.filter { $0.hasPrefix("Publish the") }.count == 5)
        #expect(report.missing.contains { $0.hasPrefix("Publish a DMARC policy") })
        #expect(report.missing.contains { $0.contains("CNAME record one._domainkey.apa.example") })
        #expect(report.missing.contains { $0.contains("SES does not use the MAIL FROM domain bounce.apa.example yet") })
    }

    @Test("What is published and not seen yet takes time, and says so")
    func waiting() throws {
        let report = try Self.report(
            try Self.row { row in
                row.ses?.isVerified = false
                row.ses?.dkimState = "PENDING"
            }
        )
        #expect(report.standing == .pending)
        #expect(report.missing.contains { $0.contains("SES has not seen them yet") })
        #expect(!report.missing.contains { $0.hasPrefix("Publish the") })
    }

    @Test(
        "A record that is something else is named with what it is",
        arguments: [
            ("one._domainkey.apa.example", ["x.example"], "must be one.dkim.amazonses.com; it is x.example"),
            ("_dmarc.apa.example", ["v=DMARC1; p=none", "v=DMARC1; p=none"], "has 2 DMARC records"),
            ("_dmarc.apa.example", ["v=DMARC1; p=all"], "no policy that receivers know"),
        ]
    )
    func different(_ name: String, _ records: [String], _ words: String) throws {
        let report = try Self.report(try Self.row { $0.dns = try? RecordTests.published(changed: [name: records]) })
        #expect(report.standing == .incomplete)
        #expect(report.missing.contains { $0.contains(words) }, "\(report.missing)")
    }

    @Test("A domain without DKIM and without a MAIL FROM domain of its own is not aligned")
    func notAligned() throws {
        let report = try Self.report(
            try Self.row { row in
                row.ses = IdentityStatus(name: "apa.example", isVerified: true, isDKIMEnabled: true)
            }
        )
        #expect(report.standing == .incomplete)
        #expect(report.missing.contains { $0.contains("passes DMARC neither by DKIM nor by SPF") })
    }

    @Test("A DMARC policy above will do")
    func policyAbove() throws {
        var row = IdentityRow(accountID: 1, name: "mail.apa.example")
        row.ses = RecordTests.status
        row.checkedAt = Date()
        row.dns = try RecordTests.published(
            changed: ["_dmarc.mail.apa.example": [], "_dmarc.apa.example": ["v=DMARC1; p=none"]],
            at: "mail.apa.example"
        )
        let report = IdentityReport(
            sender: try RecordTests.sender("mail.apa.example"),
            row: row,
            account: "main",
            region: "eu-central-1",
            isForOperator: false
        )
        #expect(report.standing == .verified, "\(report.missing)")
    }

    @Test("Those that somebody sets up are looked at every minute, those that work once a day")
    func schedule() {
        var random = SystemRandomNumberGenerator()
        func pause(_ isComplete: Bool, _ age: Duration) -> Duration {
            CheckSchedule.pause(isComplete: isComplete, age: age, using: &random)
        }
        func isAbout(_ pause: Duration, _ seconds: Double) -> Bool {
            pause >= .seconds(seconds * 0.9) && pause <= .seconds(seconds * 1.1)
        }
        let pauses = [
            pause(true, .zero), pause(false, .zero), pause(false, .seconds(7200)), pause(false, .seconds(2 * 86_400)),
            pause(false, .seconds(30 * 86_400)),
        ]
        for (pause, seconds) in zip(pauses, [86_400.0, 60, 600, 3600, 21_600] as [Double]) {
            #expect(isAbout(pause, seconds))
        }
        let failures = (1...12).map { CheckSchedule.pause(afterFailures: $0, using: &random) }
        for (place, seconds) in [(0, 30.0), (1, 60), (11, 3600)] { #expect(isAbout(failures[place], seconds)) }
    }
}
