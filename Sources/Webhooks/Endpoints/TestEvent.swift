import Directory
import Mail

/// The data of test events: of an `email.*` type they have all that a real one has, with example values, so that a receiver is
/// tested with what it will get.
enum TestEvent {
    private static let sesID = "0100018f00000000-00000000-0000-4000-8000-000000000000-000000"
    private static let messageID = "018f0000-0000-7000-8000-000000000000"

    /// - Parameters:
    ///   - type: a known one.
    ///   - region: the tenant's.
    /// - Returns: a JSON object, which says `"test": true`.
    static func data(type: String, endpoint: String, region: String) -> String {
        guard let event = EventType(rawValue: type) else {
            if StandingNotice(rawValue: type) != nil { return standing }
            let notice = type == EventNames.disabled ? disabled : ""
            return #"{"test": true, "endpoint_id": "\#(endpoint)"\#(notice)}"#
        }
        let status = event.status ?? .sent
        let stream = event == .unsubscribed ? MessageStream.bulk : .transactional
        return """
            {"test": true, "message_id": "\(messageID)", "recipient": "success@simulator.amazonses.com",
             "from": "Example <sender@example.com>", "subject": "An example", "region": \(quoted(region)),
             "stream": "\(stream.rawValue)", "status": "\(status.rawValue)",
             "tags": {"example": "yes"}, "metadata": {"example": "yes"}\(details(event))}
            """
    }

    private static let disabled = """
        , "host": "example.com", "reason": "gone", "disabled_at": "2026-01-01T00:00:00.000Z",
         "missed_since": "2026-01-01T00:00:00.000Z"
        """

    private static let standing = """
        {"test": true, "account": "main", "state": "slowed", "previous": "ok",
         "reason": "5.0 % of 1,000 mails of the last hour bounced; 4 % is the limit"}
        """

    /// In the order and the words of real events: our own settling's, and SES's.
    private static func details(_ event: EventType) -> String {
        switch event {
        case .scheduled, .queued, .canceled, .expired, .suppressed, .unsubscribed: ""
        case .sent: #", "ses_message_id": "\#(sesID)""#
        case .failed: #", "attempt": 1, "reason": "SES refused the message (MessageRejected)""#
        case .unknown: #", "attempt": 1, "reason": "SES did not answer in time""#
        default: #", "ses_message_id": "\#(sesID)""# + told(event)
        }
    }

    private static func told(_ event: EventType) -> String {
        switch event {
        case .delivered:
            """
            , "delivery": {"smtp_response": "250 2.6.0 Message received", "processing_time_ms": 500,
             "reporting_mta": "a8-50.smtp-out.amazonses.com"}
            """
        case .deliveryDelayed:
            """
            , "delay": {"type": "TransientCommunicationFailure", "status": "4.4.1", "diagnostic_code": "smtp; 421 4.4.1",
             "expires_at": "2026-01-01T14:00:00.000Z"},
             "reason": "Delayed (TransientCommunicationFailure): smtp; 421 4.4.1"
            """
        case .bounced:
            """
            , "bounce": {"type": "Permanent", "sub_type": "General", "status": "5.1.1",
             "diagnostic_code": "smtp; 550 5.1.1 user unknown", "reporting_mta": "dsn; a8-50.smtp-out.amazonses.com",
             "feedback_id": "\(sesID)"},
             "reason": "Permanent bounce (General): smtp; 550 5.1.1 user unknown"
            """
        case .complained:
            """
            , "complaint": {"feedback_type": "abuse", "user_agent": "Example", "arrival_date": "2026-01-01T00:00:00.000Z",
             "feedback_id": "\(sesID)"}, "reason": "Complaint (abuse)"
            """
        case .rejected: #", "reject": {"reason": "Bad content"}, "reason": "SES rejected the message: Bad content""#
        case .opened: #", "open": {"ip_address": "192.0.2.1", "user_agent": "Example"}"#
        case .clicked:
            #", "click": {"link": "https://example.com/", "ip_address": "192.0.2.1", "user_agent": "Example"}"#
        default: ""
        }
    }

    /// Regions are names without anything to escape; were one otherwise, the event would have none.
    private static func quoted(_ region: String) -> String {
        let isPlain = region.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\"" && $0 != "\\" }
        return isPlain ? "\"\(region)\"" : "\"\""
    }
}
