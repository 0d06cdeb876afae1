/// Writes an event as SES does (developer guide, "Examples of event data" and "Amazon SNS notification contents").
struct EventText {
    let mail: EventMail
    let kind: EventKind
    /// Places in the mail's recipients.
    let recipients: [Int]
    let reason: BounceReason?
    /// Wall-clock milliseconds of the event.
    let at: Int64

    /// The JSON in one of the two formats. `name` replaces the type's.
    func json(_ format: NotificationFormat, tags: TagChange = .none, name: String? = nil) -> String {
        let key = format == .event ? "eventType" : "notificationType"
        let (member, value) = details(format)
        return """
            {"\(key)":"\(name ?? kind.name)","mail":\(mail.json(kind, format: format, tags: tags)),\
            "\(member)":\(value)}
            """
    }

    /// Identifies a bounce or complaint; the same in both formats.
    var feedbackID: String {
        let place = recipients.first ?? 0
        let high = Fate.hash(UInt64(kind.rawValue), mail.messageID, mail.recipients[place])
        return MessageID(milliseconds: at, high: high, low: SplitMix64.mix(high)).text
    }

    private var addresses: [String] { recipients.map { mail.recipients[$0] } }

    private var timestamp: String { #""timestamp":"\#(WireTime.text(at))""# }

    private func details(_ format: NotificationFormat) -> (member: String, value: String) {
        switch kind {
        case .send: ("send", "{}")
        case .delivery: ("delivery", delivery(format))
        case .bounce: ("bounce", bounce(format))
        case .complaint:
            (
                "complaint",
                """
                {"feedbackId":"\(feedbackID)","complaintSubType":null,"complainedRecipients":[\(listed())],\(timestamp),\
                "userAgent":"Amazon SES Mailbox Simulator","complaintFeedbackType":"abuse",\
                "arrivalDate":"\(WireTime.text(at))"}
                """
            )
        case .reject: ("reject", #"{"reason":"Bad content"}"#)
        case .deliveryDelay:
            (
                "deliveryDelay",
                """
                {\(timestamp),"delayType":"TransientCommunicationFailure",\
                "expirationTime":"\(WireTime.text(at + 14 * 3_600_000))","delayedRecipients":[\
                \(listed(#","status":"4.4.1","diagnosticCode":"smtp; 421 4.4.1 Unable to connect to remote host""#))]}
                """
            )
        case .open: ("open", #"{"ipAddress":"192.0.2.3",\#(timestamp),"userAgent":"Mozilla/5.0"}"#)
        case .click:
            (
                "click",
                """
                {"ipAddress":"192.0.2.3","link":"https://example.com/","linkTags":null,\(timestamp),\
                "userAgent":"Mozilla/5.0"}
                """
            )
        }
    }

    private func delivery(_ format: NotificationFormat) -> String {
        let remote = format == .notification ? #","remoteMtaIp":"192.0.2.4""# : ""
        return """
            {\(timestamp),"processingTimeMillis":\(max(0, at - mail.acceptedAt)),\
            "recipients":\(JSONText.quoted(addresses)),"smtpResponse":"250 2.6.0 Message received"\(remote),\
            "reportingMTA":"a8-27.smtp-out.amazonses.com"}
            """
    }

    private func bounce(_ format: NotificationFormat) -> String {
        let reason = reason ?? .general
        // What the recipient's server said came from somewhere; SES's own refusals did not.
        let remote = format == .notification && reason == .general ? #","remoteMtaIp":"192.0.2.4""# : ""
        let reporter =
            switch reason {
            case .general: #","reportingMTA":"dns; a8-27.smtp-out.amazonses.com""#
            case .suppressedGlobally, .suppressedByAccount: #","reportingMTA":"dns; amazonses.com""#
            case .outOfOffice: ""
            }
        return """
            {"feedbackId":"\(feedbackID)","bounceType":"\(reason.type)","bounceSubType":"\(reason.subtype)",\
            "bouncedRecipients":[\(listed(reason.details))],\(timestamp)\(remote)\(reporter)}
            """
    }

    private func listed(_ details: String = "") -> String {
        addresses.map { #"{"emailAddress":\#(JSONText.quoted($0))\#(details)}"# }.joined(separator: ",")
    }
}
