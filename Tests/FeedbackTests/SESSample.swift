import Feedback
import Foundation
import Mail
import Outbox

/// Documents as SES writes them (developer guide, "Contents of event data"), with the parts that a test cares about.
enum SESSample {
    static let sesID = "0100018f-4c6a-4d52-8f10-000000000000"
    static let received = Date(timeIntervalSince1970: 1_767_323_050)  // 2026-01-02T03:04:10Z
    static let row = "019b7c2e-8d80-7abc-8def-0123456a0001"
    static let message = "019b7c2e-8d80-7abc-8def-0123456a0000"

    static func mail(tags: String? = #"{"ses:configuration-set":["gw"],"sluice-id":["\#(row)"],"my-tag":["v"]}"#)
        -> String
    {
        """
        {"timestamp":"2026-01-02T03:04:00.000Z","source":"Name <s@example.com>",\
        "sourceArn":"arn:aws:ses:us-east-1:123456789012:identity/example.com","sendingAccountId":"123456789012",\
        "messageId":"\(sesID)","destination":["r@x.example"],"headersTruncated":false,\
        "headers":[{"name":"From","value":"s@example.com"}],\
        "commonHeaders":{"from":["s@example.com"],"to":["r@x.example"],"messageId":"\(sesID)","subject":"S"}\
        \(tags.map { #","tags":\#($0)"# } ?? "")}
        """
    }

    static func event(_ type: String, _ part: String, key: String = "eventType", mail: String = mail()) -> String {
        #"{"\#(key)":"\#(type)","mail":\#(mail)\#(part.isEmpty ? "" : "," + part)}"# + "\n"
    }

    static let send = event("Send", #""send":{}"#)
    static let delivery = event(
        "Delivery",
        #""delivery":{"timestamp":"2026-01-02T03:04:05.678Z","processingTimeMillis":5678,"recipients":["r@x.example"],"smtpResponse":"250 2.6.0 ok","reportingMTA":"mta.example.com"}"#
    )
    static let delay = event(
        "DeliveryDelay",
        #""deliveryDelay":{"timestamp":"2026-01-02T03:04:06.000Z","delayType":"TransientCommunicationFailure","expirationTime":"2026-01-02T17:04:00.000Z","delayedRecipients":[{"emailAddress":"r@x.example","status":"4.4.1","diagnosticCode":"smtp; 421 4.4.1 later"}]}"#
    )

    static func bounce(
        type: String = "Permanent",
        subType: String = "General",
        recipients: [String] = ["r@x.example"],
        code: String = "smtp; 550 5.1.1 unknown",
        feedbackID: String? = "0100-fb-000000",
        timestamp: String = "2026-01-02T03:04:07.000Z",
        key: String = "eventType",
        mail: String = mail()
    ) -> String {
        let bounced = recipients.map {
            #"{"emailAddress":"\#($0)","action":"failed","status":"5.1.1","diagnosticCode":"\#(code)"}"#
        }
        return event(
            "Bounce",
            #""bounce":{"bounceType":"\#(type)","bounceSubType":"\#(subType)","bouncedRecipients":[\#(bounced.joined(separator: ","))],"timestamp":"\#(timestamp)",\#(feedbackID.map { #""feedbackId":"\#($0)","# } ?? "")"reportingMTA":"dsn; mta.x"}"#,
            key: key,
            mail: mail
        )
    }

    static func complaint(type: String = #""abuse""#, key: String = "eventType", mail: String = mail()) -> String {
        event(
            "Complaint",
            #""complaint":{"complainedRecipients":[{"emailAddress":"r@x.example"}],"timestamp":"2026-01-02T03:04:08.000Z","feedbackId":"0100-fc-000000","complaintSubType":null,"userAgent":"FBL/1","complaintFeedbackType":\#(type),"arrivalDate":"2026-01-02T03:04:08.500Z"}"#,
            key: key,
            mail: mail
        )
    }

    static let reject = event("Reject", #""reject":{"reason":"Bad content"}"#)
    static let renderingFailure = event(
        "Rendering Failure",
        #""failure":{"errorMessage":"Attribute 'x' is not present in the rendering data.","templateName":"T"}"#
    )
    static let open = event(
        "Open",
        #""open":{"ipAddress":"192.0.2.1","timestamp":"2026-01-02T03:04:09.000Z","userAgent":"UA"}"#
    )

    static func click(link: String = "https://shop.example/a") -> String {
        event(
            "Click",
            #""click":{"ipAddress":"192.0.2.1","link":"\#(link)","linkTags":{"k":["v","w"]},"timestamp":"2026-01-02T03:04:09.500Z","userAgent":"UA"}"#
        )
    }

    static func read(_ text: String) -> SESReading {
        SESReader(accountID: 7, receivedAt: received).read(Array(text.utf8))
    }

    static func events(_ text: String) -> [SESEvent] {
        guard case .events(let events) = read(text) else { return [] }
        return events
    }

    /// An event's own members.
    static func data(_ event: SESEvent) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(event.evidence.data.utf8)) as? [String: Any] ?? [:]
    }
}
