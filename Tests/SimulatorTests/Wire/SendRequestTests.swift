import Foundation
import Testing

@testable import Simulator

struct SendRequestTests {
    private static func parse(_ json: String, _ operation: SendRequest.Operation = .send) -> SendRequest {
        SendRequest.parse(Array(json.utf8), operation: operation)
    }

    private static let simple = #""Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}}}}"#

    private static func refusal(_ json: String) -> ServiceFailure? {
        let call = parse(json)
        return call.refusal ?? call.submissions.first?.refusal
    }

    @Test func readsASimpleMessage() throws {
        let call = Self.parse(
            """
            {"FromEmailAddress":"S <s@example.com>","Destination":{"ToAddresses":["a@example.com"],"CcAddresses":null,
             "BccAddresses":["b@example.com"],"New":1},"ReplyToAddresses":["r@example.com"],\(Self.simple),"Unknown":[{}],
             "EmailTags":[{"Name":"sluice-id","Value":"x-1"},{"Value":"3","Name":"sluice-attempt"}],
             "ConfigurationSetName":"cs","FeedbackForwardingEmailAddress":null}
            """
        )
        let submission = try #require(call.submissions.first)
        #expect(call.refusal == nil && submission.refusal == nil)
        #expect(submission.from == "S <s@example.com>")
        #expect(submission.recipients == ["a@example.com", "b@example.com"])
        #expect(submission.outboxID == "x-1" && submission.attempt == 3)
        #expect(submission.configurationSet == "cs")
        let content = try #require(submission.content)
        #expect(content.kind == .simple)
        let value = String(decoding: content.body[content.value], as: UTF8.self)
        #expect(value == #"{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}}}"#)
    }

    @Test func rawWithoutEnvelopeTakesTheHeaders() throws {
        let message = "From: s@example.com\r\nTo: a@example.com\r\nCc: success@simulator.amazonses.com\r\n\r\nx\r\n"
        let base64 = Data(message.utf8).base64EncodedString()
        let call = Self.parse(#"{"Content":{"Raw":{"Data":"\#(base64)"}}}"#)
        let submission = try #require(call.submissions.first)
        #expect(submission.refusal == nil)
        #expect(submission.recipients == ["a@example.com", "success@simulator.amazonses.com"])
        #expect(submission.exempt == 1)
        let envelope = Self.parse(
            #"{"Destination":{"ToAddresses":["z@example.com"]},"Content":{"Raw":{"Data":"\#(base64)"}}}"#
        )
        #expect(envelope.submissions.first?.recipients == ["z@example.com"])
    }

    @Test func escapedSlashesInBase64AreFine() {
        let call = Self.parse(
            #"{"FromEmailAddress":"s@example.com","Destination":{"ToAddresses":["a@example.com"]},"#
                + #""Content":{"Raw":{"Data":"\/\/\/\/"}}}"#
        )
        #expect(call.refusal == nil && call.submissions.first?.refusal == nil)
    }

    private static func message(
        from: String? = "s@example.com",
        to: [String] = ["a@example.com"],
        content: String = simple,
        rest: String = ""
    ) -> String {
        let from = from.map { "\"FromEmailAddress\":\(JSONText.quoted($0))," } ?? ""
        return "{\(from)\"Destination\":{\"ToAddresses\":\(JSONText.quoted(to))},\(content)\(rest)}"
    }

    @Test func theUsualMessageIsValid() {
        #expect(Self.refusal(Self.message()) == nil)
        #expect(Self.refusal(Self.message(to: (0..<50).map { "a\($0)@example.com" })) == nil)
        let template = #""Content":{"Template":{"TemplateName":"t","TemplateData":"{}"}}"#
        #expect(Self.refusal(Self.message(content: template)) == nil)
        let headers = #"{"Name":"X-A","Value":"1"}"#
        let attachments = #"{"FileName":"f","RawContent":"AAAA"}"#
        let full =
            #""Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Html":{"Data":"t"}},"Headers":[\#(headers)],"#
            + #""Attachments":[\#(attachments)]}}"#
        #expect(Self.refusal(Self.message(content: full)) == nil)
    }

    @Test func refusesWhatSESRefuses() {
        let bad: [String] = [
            Self.message(to: []), Self.message(to: ["nobody"]), Self.message(from: nil), Self.message(from: "x"),
            Self.message(to: (0..<51).map { "a\($0)@example.com" }),
            Self.message(rest: #","ReplyToAddresses":["bad"]"#),
            Self.message(rest: #","EmailTags":[{"Name":"a b","Value":"x"}]"#),
            Self.message(rest: #","EmailTags":[{"Name":"a","Value":"ä"}]"#),
            Self.message(content: #""Content":{}"#), Self.message(content: #""Content":null"#),
            Self.message(content: #""Other":{}"#),
            Self.message(content: #""Content":{"Simple":{"Subject":{"Data":"s"},"Body":{}}}"#),
            Self.message(content: #""Content":{"Simple":{"Body":{"Text":{"Data":"t"}}}}"#),
            Self.message(content: #""Content":{"Raw":{}}"#), Self.message(content: #""Content":{"Raw":{"Data":""}}"#),
            Self.message(content: #""Content":{"Template":{}}"#),
            Self.message(content: #""Content":{"Raw":{"Data":"AAAA"},"Template":{"TemplateName":"t"}}"#),
        ]
        for json in bad {
            let refusal = Self.refusal(json)
            #expect(refusal?.code == "BadRequestException" && refusal?.status == 400, "\(json)")
        }
    }

    @Test func refusesBadHeadersAndAttachments() {
        func content(_ rest: String) -> String {
            #""Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}},\#(rest)}}"#
        }
        let many = (0..<16).map { _ in #"{"Name":"X-A","Value":"1"}"# }.joined(separator: ",")
        for rest in [
            #""Headers":[{"Name":"X A","Value":"1"}]"#, #""Headers":[{"Name":"X-A","Value":"a\r\nb"}]"#,
            #""Headers":[\#(many)]"#, #""Attachments":[{"FileName":"f"}]"#, #""Attachments":[{"RawContent":"AAAA"}]"#,
        ] {
            #expect(Self.refusal(Self.message(content: content(rest)))?.code == "BadRequestException", "\(rest)")
        }
    }

    @Test func refusesWhatCannotBeRead() {
        for json in [
            "", "{", "[]", "nonsense", #"{"FromEmailAddress":1}"#, #"{"Destination":[]}"#,
            #"{"Destination":{"ToAddresses":"a@example.com"}}"#, Self.message() + "x",
            Self.message(content: #""Content":{"Raw":{"Data":"not base64"}}"#),
            Self.message(content: #""Content":{"Raw":{"Data":"AAA"}}"#),
        ] {
            #expect(Self.refusal(json)?.code == "SerializationException", "\(json)")
        }
    }

    @Test func moreThan40MBIsTooLong() {
        let data = String(repeating: "A", count: (40 << 20) + 4)
        let refusal = Self.refusal(Self.message(content: #""Content":{"Raw":{"Data":"\#(data)"}}"#))
        #expect(refusal?.code == "BadRequestException")
        #expect(refusal?.message.contains("41943040") == true)
    }

    @Test func bulkEntriesHaveTheirOwnTags() {
        let call = Self.parse(
            """
            {"FromEmailAddress":"s@example.com","DefaultContent":{"Template":{"TemplateName":"t"}},
             "DefaultEmailTags":[{"Name":"sluice-id","Value":"default"},{"Name":"other","Value":"o"}],
             "BulkEmailEntries":[{"Destination":{"ToAddresses":["a@example.com"]},
               "ReplacementTags":[{"Name":"sluice-id","Value":"one"}],
               "ReplacementEmailContent":{"ReplacementTemplate":{"ReplacementTemplateData":"{}"}}},
              {"Destination":{"ToAddresses":["bad"]}}]}
            """,
            .bulk
        )
        #expect(call.refusal == nil)
        #expect(call.submissions.map(\.outboxID) == ["one", "default"])
        #expect(call.submissions.map(\.refusal?.bulkStatus) == [nil, "INVALID_PARAMETER"])
        #expect(call.submissions.first?.tags.count == 2)
    }

    @Test func bulkCallsAreRefusedAsAWhole() {
        let entry = #"{"Destination":{"ToAddresses":["a@example.com"]}}"#
        let template = #""DefaultContent":{"Template":{"TemplateName":"t"}}"#
        let many = (0..<51).map { _ in entry }.joined(separator: ",")
        for json in [
            #"{"FromEmailAddress":"s@example.com","BulkEmailEntries":[\#(entry)]}"#,
            #"{"FromEmailAddress":"s@example.com",\#(template),"BulkEmailEntries":[]}"#,
            #"{"FromEmailAddress":"s@example.com",\#(template),"BulkEmailEntries":[\#(many)]}"#,
            #"{\#(template),"BulkEmailEntries":[\#(entry)]}"#,
        ] {
            #expect(Self.parse(json, .bulk).refusal?.code == "BadRequestException", "\(json)")
        }
    }

    @Test(arguments: [(262_144, true), (262_145, false)])
    func dataAreBounded(_ length: Int, _ isTaken: Bool) {
        let data = String(repeating: "ä", count: length)
        let entry = #"{"Destination":{"ToAddresses":["a@example.com"]}}"#
        let own =
            #"{"Destination":{"ToAddresses":["a@example.com"]},"ReplacementEmailContent":{"ReplacementTemplate":{"#
            + #""ReplacementTemplateData":"\#(data)"}}}"#
        for json in [
            #"{"FromEmailAddress":"s@example.com","DefaultContent":{"Template":{"TemplateName":"t"}},"#
                + #""BulkEmailEntries":[\#(entry),\#(own)]}"#,
            #"{"FromEmailAddress":"s@example.com","DefaultContent":{"Template":{"TemplateName":"t","#
                + #""TemplateData":"\#(data)"}},"BulkEmailEntries":[\#(entry)]}"#,
        ] {
            #expect((Self.parse(json, .bulk).refusal == nil) == isTaken)
        }
    }
}
