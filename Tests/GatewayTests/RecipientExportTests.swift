import Foundation
import Mail
import Testing

@testable import Gateway
@testable import Outbox

/// `GET /recipients.csv`.
@Suite(.timeLimit(.minutes(5))) struct RecipientExportTests {
    private static func recipient(_ number: Int, email: String? = nil, reason: String? = "smtp; 550, \"unknown\"")
        throws
        -> ListedRecipient
    {
        let time = Date(timeIntervalSince1970: 1_700_000_000)
        return ListedRecipient(
            id: try #require(MessageID("018f0000-0000-7abc-8000-000010000000")?.outbox(number)),
            email: email ?? "r\(number)@x.example",
            kind: .to,
            status: .bounced,
            attempts: 1,
            sesMessageID: "ses-1",
            reason: reason,
            updatedAt: time,
            region: "AT",
            stream: "bulk",
            createdAt: time,
            lastEvent: .bounced,
            details: nil
        )
    }

    @Test func aLongListIsWrittenToItsEndPageByPage() async throws {
        try await TestGateway.run { gateway in
            let recipients = try (1...1203).reversed().map { try Self.recipient($0) }
            gateway.lists.set { $0.recipients[1] = recipients }
            let answer = try await gateway.request("GET", "/recipients.csv?status=bounced&domain=X.example")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/csv; charset=utf-8; header=present")
            #expect(answer.headers["content-disposition"] == "attachment; filename=\"recipients.csv\"")
            let lines = answer.body.components(separatedBy: "\r\n")
            #expect(lines.count == 1205 && lines.last == "")
            #expect(lines[0].hasPrefix("email,status,reason,last_event,kind,region,stream,attempts,message_id,"))
            #expect(
                lines[1] == "r1203@x.example,bounced,\"smtp; 550, \"\"unknown\"\"\",email.bounced,to,AT,bulk,1,"
                    + "018f0000-0000-7abc-8000-000010000000,ses-1,2023-11-14T22:13:20.000Z,2023-11-14T22:13:20.000Z"
            )
            #expect(lines[1203].hasPrefix("r1@"))
            let asked = gateway.lists.asked.recipientFilters
            #expect(asked.count == 3 && asked.allSatisfy { $0.status == .bounced && $0.domain == "x.example" })
        }
    }

    @Test func nothingIsAnsweredWithTheHeadingAlone() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/recipients.csv")
            #expect(answer.status == 200 && answer.body.split(separator: "\r\n").count == 1)
            let wrong = try await gateway.request("GET", "/recipients.csv?status=lost")
            #expect(wrong.status == 422 && wrong.code == "invalid_query")
        }
    }

    @Test(
        "What a spreadsheet would compute is text",
        arguments: [
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""), ("+1", "'+1"), ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"), (" =1", "' =1"), ("\t=1", "\"'\t'=1\""), ("\r\nx", "\"'\r\nx\""), ("＝1", "'＝1"),
            ("550 no;=cmd|' /C calc'!A1", "\"550 no;'=cmd|' /C calc'!A1\""), ("a; b", "\"a; b\""),
            ("a\t+1", "\"a\t'+1\""), ("a\n@b", "\"a\n'@b\""), ("a;\"=1\"", "\"a;'\"\"=1\"\"\""),
            ("a=1", "a=1"), ("a,b", "\"a,b\""), ("", ""),
        ]
    )
    func cells(text: String, cell: String) {
        #expect(CSVRow.text([text, nil]) == cell + ",\r\n")
    }
}
