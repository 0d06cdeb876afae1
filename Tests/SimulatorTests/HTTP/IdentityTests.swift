import Foundation
import Testing

@testable import Simulator

/// Identities and configuration sets, as SES v2 makes and refuses them.
struct IdentityTests {
    private static func message(_ members: String) -> String {
        """
        {"FromEmailAddress":"S <s@mail.a.example>","Destination":{"ToAddresses":["r@b.example"]},\
        "Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}}}}\(members.isEmpty ? "" : ",")\(members)}
        """
    }

    private static let arn = "arn:aws:ses:eu-central-1:123456789012:identity/a.example"

    @Test func tellsWhatItWasGiven() async throws {
        try await RunningSimulator.run { simulator in
            let members =
                #""FromEmailAddressIdentityArn":"\#(Self.arn)","FeedbackForwardingEmailAddress":"f@c.example","#
                + #""FeedbackForwardingEmailAddressIdentityArn":"\#(Self.arn)","ConfigurationSetName":"own""#
            let answer = try await simulator.send(Self.message(members))
            #expect(answer.status == 200, "\(answer.text)")
            let id = try #require(try answer.json()["MessageId"] as? String)
            let message = try await simulator.request("GET", "/_simulator/messages/\(id)").json()
            #expect(message["identity_arn"] as? String == Self.arn)
            #expect(message["feedback_address"] as? String == "f@c.example")
            #expect(message["feedback_identity_arn"] as? String == Self.arn)
            #expect(message["configuration_set"] as? String == "own")
        }
    }

    @Test(arguments: [
        "a.example", "arn:aws:ses:eu-central-1:1:identity/a.example",
        "arn:aws:sns:eu-central-1:123456789012:identity/a.example",
        "arn:aws:ses:eu-central-1:123456789012:identity/", "arn:aws:ses:eu-central-1:123456789012:identity/b.example",
        "arn:aws:ses:eu-central-1:123456789012:identity/il.a.example",
    ])
    func refusesOthersARNs(_ arn: String) async throws {
        try await RunningSimulator.run { simulator in
            let answer = try await simulator.send(Self.message(#""FromEmailAddressIdentityArn":"\#(arn)""#))
            #expect(answer.status == 400 && answer.headers["x-amzn-errortype"] == "BadRequestException")
        }
    }

    @Test func aStrictOneRefusesWhatWasNotMade() async throws {
        try await RunningSimulator.run { simulator in
            #expect(try await simulator.put("settings", #"{"strict": true}"#).json()["strict"] as? Bool == true)
            let unverified = try await simulator.send(Self.message(""))
            #expect(unverified.status == 400 && unverified.headers["x-amzn-errortype"] == "MessageRejected")
            #expect(unverified.text.contains("is not verified"))
            #expect(try await simulator.request("GET", "/v2/email/identities/a.example").status == 404)
            let body = Data(#"{"EmailIdentity":"A.example","Tags":[]}"#.utf8)
            let made = try await simulator.request("POST", "/v2/email/identities", body: body)
            #expect(made.status == 200)
            let tokens = (try made.json()["DkimAttributes"] as? [String: Any])?["Tokens"] as? [String]
            #expect(tokens?.count == 3 && Set(tokens ?? []).count == 3)
            let again = try await simulator.request("POST", "/v2/email/identities", body: body)
            #expect(again.headers["x-amzn-errortype"] == "AlreadyExistsException")
            #expect(try await simulator.send(Self.message("")).status == 400, "it waits for its records")
            #expect(try await simulator.put("identities", #"{"name": "a.example", "dkim": "SUCCESS"}"#).status == 204)
            #expect(try await simulator.send(Self.message("")).status == 200, "a domain above is enough")

            let set = Self.message(#""ConfigurationSetName":"own""#)
            let missing = try await simulator.send(set)
            #expect(missing.status == 404 && missing.headers["x-amzn-errortype"] == "NotFoundException")
            #expect(try await simulator.request("GET", "/v2/email/configuration-sets/own").status == 404)
            let name = Data(#"{"ConfigurationSetName":"own"}"#.utf8)
            #expect(try await simulator.request("POST", "/v2/email/configuration-sets", body: name).status == 200)
            #expect(try await simulator.request("GET", "/v2/email/configuration-sets/own").status == 200)
            #expect(try await simulator.send(set).status == 200)
            let arn = Self.message(#""FromEmailAddressIdentityArn":"\#(Self.arn)""#)
            #expect(try await simulator.send(arn).status == 200)
            let foreign = Self.arn.replacingOccurrences(of: "/a.", with: "/mail.a.")
            let refused = try await simulator.send(Self.message(#""FromEmailAddressIdentityArn":"\#(foreign)""#))
            #expect(refused.status == 403 && refused.headers["x-amzn-errortype"] == "AccessDeniedException")
        }
    }

    @Test func givesAMailFromDomainBelowTheIdentity() async throws {
        try await RunningSimulator.run { simulator in
            _ = try await simulator.put("identities", #"{"name": "a.example"}"#)
            let path = "/v2/email/identities/a.example"
            let foreign = Data(#"{"MailFromDomain":"bounce.b.example"}"#.utf8)
            #expect(try await simulator.request("PUT", path + "/mail-from", body: foreign).status == 400)
            let own = Data(#"{"MailFromDomain":"bounce.a.example"}"#.utf8)
            #expect(try await simulator.request("PUT", path + "/mail-from", body: own).status == 200)
            let shown = try await simulator.request("GET", path).json()
            let mailFrom = try #require(shown["MailFromAttributes"] as? [String: String])
            #expect(mailFrom["MailFromDomain"] == "bounce.a.example" && mailFrom["MailFromDomainStatus"] == "PENDING")
            #expect(try await simulator.request("GET", path, isSigned: false).status == 403)
            for bad in [#"{}"#, #"{"name": "x", "dkim": "YES"}"#, #"{"name": "x", "colour": 1}"#] {
                #expect(try await simulator.put("identities", bad).status == 400)
            }
        }
    }
}
