import AWS
import Foundation
import Mail
import Outbound
import Testing

@testable import SES

/// `SendBulkEmail`: what goes out, and what each entry's answer means.
@Suite struct BulkCallTests {
    private static let entry = BulkCall.Entry(
        to: "a@x.example",
        content: TemplateSource(subject: "S \"1\"", text: "Zeile\n2", html: "<b a=\"1\">ä</b>"),
        tags: [.outboxID("row-1"), .attempt(1)],
        headers: [HeaderField(name: "List-Unsubscribe", value: "<https://x.example/u/T>")]
    )

    private static let call = BulkCall(
        from: "Shop <s@x.example>",
        replyTo: ["r@x.example"],
        headers: [HeaderField(name: "List-Unsubscribe", value: "<https://x.example>")],
        shared: TemplateSource(subject: "", text: "", html: ""),
        entries: [entry, BulkCall.Entry(to: "b@x.example", content: nil, tags: [])]
    )

    private func object(_ value: Any?) throws -> [String: Any] { try #require(value as? [String: Any]) }

    @Test func theBodyIsSESs() throws {
        let body = try object(JSONSerialization.jsonObject(with: Data(Self.call.body(configurationSet: "set"))))
        #expect(body["FromEmailAddress"] as? String == "Shop <s@x.example>")
        #expect(body["ReplyToAddresses"] as? [String] == ["r@x.example"])
        #expect(body["ConfigurationSetName"] as? String == "set")
        let template = try object(object(body["DefaultContent"])["Template"])
        #expect(
            try object(template["TemplateContent"]) as? [String: String]
                == ["Subject": "{{subject}}", "Text": "{{text}}", "Html": "{{html}}"]
        )
        #expect((template["Headers"] as? [[String: String]])?.first?["Name"] == "List-Unsubscribe")
        let entries = try #require(body["BulkEmailEntries"] as? [[String: Any]])
        #expect(entries.count == 2)
        #expect(try object(entries[0]["Destination"])["ToAddresses"] as? [String] == ["a@x.example"])
        let tags = try #require(entries[0]["ReplacementTags"] as? [[String: String]])
        #expect(tags.map { $0["Value"] } == ["row-1", "1"])
        let own = try object(object(entries[0]["ReplacementEmailContent"])["ReplacementTemplate"])
        let text = try #require(own["ReplacementTemplateData"] as? String)
        let data = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String]
        #expect(data == ["subject": "S \"1\"", "text": "Zeile\n2", "html": "<b a=\"1\">ä</b>"])
        #expect(
            entries[0]["ReplacementHeaders"] as? [[String: String]]
                == [["Name": "List-Unsubscribe", "Value": "<https://x.example/u/T>"]]
        )
        #expect(entries[1]["ReplacementEmailContent"] == nil)
        #expect(entries[1]["ReplacementHeaders"] == nil)
    }

    @Test func anEntryIsNeverLargerThanItIsSaidToBe() {
        let texts = ["", "\"\\\"\\", "a\u{1}\u{2}b\n\r\t", String(repeating: "ä<b c=\"d\">\n", count: 500)]
        for text in texts {
            var call = Self.call
            call.entries = []
            let before = call.body(configurationSet: nil).count
            let content = TemplateSource(subject: text, text: text, html: text)
            let tags = [SESTag.outboxID(String(repeating: "f", count: 36)), .attempt(10)]
            call.entries = [.init(to: "reader@x.example", content: content, tags: tags)]
            #expect(call.body(configurationSet: nil).count - before <= BulkCall.size(of: content).body)
            call.entries = []
            call.shared = content
            let body = try? JSONSerialization.jsonObject(with: Data(call.body(configurationSet: nil))) as? [String: Any]
            let template = (body?["DefaultContent"] as? [String: Any])?["Template"] as? [String: Any]
            let data = template?["TemplateData"] as? String
            #expect((data?.utf8.count ?? .max) <= BulkCall.size(of: content).data)
        }
    }

    @Test(
        arguments: [
            (#"{"Status":"SUCCESS","MessageId":"id-1"}"#, "sent id-1"),
            (#"{"Status":"SUCCESS"}"#, "unknown ambiguous"),
            (#"{"Status":"ACCOUNT_THROTTLED","Error":"Maximum sending rate exceeded."}"#, "notSent throttled"),
            (#"{"Status":"ACCOUNT_DAILY_QUOTA_EXCEEDED"}"#, "notSent dailyQuota"),
            (#"{"Status":"ACCOUNT_SUSPENDED"}"#, "notSent accountPaused"),
            (#"{"Status":"ACCOUNT_SENDING_PAUSED"}"#, "notSent accountPaused"),
            (#"{"Status":"CONFIGURATION_SET_SENDING_PAUSED"}"#, "notSent accountPaused"),
            (#"{"Status":"CONFIGURATION_SET_NOT_FOUND"}"#, "notSent configuration"),
            (#"{"Status":"CONFIGURATION_SET_DOES_NOT_EXIST"}"#, "notSent configuration"),
            (#"{"Status":"TEMPLATE_NOT_FOUND"}"#, "notSent configuration"),
            (#"{"Status":"TEMPLATE_DOES_NOT_EXIST"}"#, "notSent configuration"),
            (#"{"Status":"MAIL_FROM_DOMAIN_NOT_VERIFIED"}"#, "notSent configuration"),
            (#"{"Status":"INVALID_SENDING_POOL_NAME"}"#, "notSent configuration"),
            (#"{"Status":"INVALID_PARAMETER","Error":"Invalid address"}"#, "notSent rejected"),
            (#"{"Status":"INVALID_PARAMETER_VALUE"}"#, "notSent rejected"),
            (#"{"Status":"MESSAGE_REJECTED","Error":"Virus"}"#, "notSent rejected"),
            (#"{"Status":"MESSAGE_REJECTED","Error":"Email address is not verified."}"#, "notSent identityUnverified"),
            (#"{"Status":"MESSAGE_REJECTED","Error":"Sending paused for this account."}"#, "notSent accountPaused"),
            (#"{"Status":"TRANSIENT_FAILURE"}"#, "notSent temporary"),
            (#"{"Status":"FAILED"}"#, "notSent temporary"),
            (#"{"Status":"SOMETHING_NEW"}"#, "unknown ambiguous"),
        ]
    )
    func eachStatusMeansSomething(_ json: String, _ meaning: String) throws {
        let answer = try JSONDecoder().decode(BulkEntryAnswer.self, from: Data(json.utf8))
        #expect(Self.words(answer.outcome) == meaning)
    }

    static func words(_ outcome: SendOutcome) -> String {
        switch outcome {
        case .sent(let id): "sent \(id)"
        case .notSent(let failure): "notSent \(failure.kind)"
        case .unknown(let failure): "unknown \(failure.kind)"
        }
    }
}
