import Foundation
import Mail
import Testing

@testable import SES

/// The JSON of a send.
@Suite("SendEmail requests")
struct RequestTests {
    private func json(_ call: SendCall, set: String? = nil) throws -> NSDictionary {
        let object = try JSONSerialization.jsonObject(with: Data(call.body(defaultConfigurationSet: set)))
        return try #require(object as? NSDictionary)
    }

    @Test("Simple: every member")
    func simple() throws {
        let content = SimpleContent(
            from: "s@x.example",
            to: "r@x.example",
            replyTo: ["a@x.example", "b@x.example"],
            subject: "Grüße 😀",
            text: "line\r\n\ttab \"quoted\" \\ back \u{0}\u{1f}\u{7f}\u{2028}/",
            html: "<p>é</p>",
            headers: [HeaderField(name: "X-A", value: "1"), HeaderField(name: "X-B", value: "2")]
        )
        let call = SendCall(
            from: "\"S\" <s@x.example>",
            to: ["r@x.example"],
            content: .simple(content),
            tags: [.outboxID("018f-1"), .attempt(2)],
            identityARN: "arn:aws:ses:us-east-1:1:identity/x.example"
        )
        let expected: NSDictionary = [
            "FromEmailAddress": "\"S\" <s@x.example>",
            "FromEmailAddressIdentityArn": "arn:aws:ses:us-east-1:1:identity/x.example",
            "Destination": ["ToAddresses": ["r@x.example"]],
            "ReplyToAddresses": ["a@x.example", "b@x.example"],
            "Content": [
                "Simple": [
                    "Subject": ["Data": "Grüße 😀", "Charset": "UTF-8"],
                    "Body": [
                        "Text": [
                            "Data": "line\r\n\ttab \"quoted\" \\ back \u{0}\u{1f}\u{7f}\u{2028}/", "Charset": "UTF-8",
                        ],
                        "Html": ["Data": "<p>é</p>", "Charset": "UTF-8"],
                    ],
                    "Headers": [["Name": "X-A", "Value": "1"], ["Name": "X-B", "Value": "2"]],
                ]
            ],
            "EmailTags": [
                ["Name": "sluice-id", "Value": "018f-1"], ["Name": "sluice-attempt", "Value": "2"],
            ],
            "ConfigurationSetName": "account",
        ]
        #expect(try json(call, set: "account") == expected)
    }

    @Test("Raw: Base64 of the bytes, the whole envelope, a configuration set of its own")
    func raw() throws {
        let bytes = (UInt8.min...UInt8.max).map { $0 }
        let call = SendCall(
            from: "s@x",
            to: ["a@x", "b@x"],
            cc: ["c@x"],
            bcc: ["d@x"],
            content: .raw(bytes),
            configurationSet: "own"
        )
        let expected: NSDictionary = [
            "FromEmailAddress": "s@x",
            "Destination": ["ToAddresses": ["a@x", "b@x"], "CcAddresses": ["c@x"], "BccAddresses": ["d@x"]],
            "Content": ["Raw": ["Data": Data(bytes).base64EncodedString()]],
            "ConfigurationSetName": "own",
        ]
        #expect(try json(call, set: "account") == expected)
    }

    @Test("What is not there is left out; a body always has a part")
    func minimal() throws {
        let content = SimpleContent(from: "s@x", to: "r@x", subject: "")
        let call = SendCall(from: "s@x", to: ["r@x"], content: .simple(content))
        #expect(
            String(decoding: call.body(defaultConfigurationSet: nil), as: UTF8.self)
                == #"{"FromEmailAddress":"s@x","Destination":{"ToAddresses":["r@x"]},"Content":{"Simple":{"#
                + #""Subject":{"Data":"","Charset":"UTF-8"},"Body":{"Text":{"Data":"","Charset":"UTF-8"}}}}}"#
        )
    }

    @Test("Ten megabytes are encoded whole")
    func large() throws {
        var bytes = [UInt8](repeating: 0x41, count: 10 << 20)
        bytes[bytes.count - 1] = 0x42
        let call = SendCall(from: "s@x", to: ["r@x"], content: .raw(bytes))
        let content = try #require(json(call)["Content"] as? [String: [String: String]])
        let data = try #require(content["Raw"]?["Data"].flatMap { Data(base64Encoded: $0) })
        // Not a plain `==` in the expectation, which would describe both sides when they differ.
        let isSame = Array(data) == bytes
        #expect(isSame)
    }
}
