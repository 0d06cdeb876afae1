import Testing

@testable import Simulator

struct RawHeadersTests {
    @Test func findsRecipientsInFoldedFields() {
        let message = """
            From: s@example.com\r
            To: "Last, First" <a@example.com>,\r
            \tb@example.com (a, comment)\r
            CC: Friends: c@example.com, d@example.com;\r
            Subject: To: nobody@example.com\r
            bcc: e@example.com\r
            \r
            To: body@example.com\r
            """
        let headers = RawHeaders(Array(message.utf8))
        #expect(headers.hasFrom)
        #expect(
            headers.recipients == [
                "\"Last, First\" <a@example.com>", "b@example.com", "c@example.com", "d@example.com", "e@example.com",
            ]
        )
    }

    @Test func takesBareLineFeedsAndNothingAtAll() {
        #expect(
            RawHeaders(Array("To: a@example.com\nSubject: x\n\nCc: b@example.com\n".utf8)).recipients == [
                "a@example.com"
            ]
        )
        #expect(RawHeaders([UInt8]()).recipients.isEmpty)
        #expect(!RawHeaders(Array("To: a@example.com".utf8)).hasFrom)
        #expect(RawHeaders(Array("To: a@example.com".utf8)).recipients == ["a@example.com"])
    }
}
