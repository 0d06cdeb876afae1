import Foundation
import Mail
import Outbox
import Signing

/// Makes evidence of a document whose type is known.
struct EventMaking {
    let accountID: Int32
    let receivedAt: Date
    let kind: SESEventKind
    let document: SESDocument
    let mail: SESDocument.Mail
    let sesID: String
    let entry: EntryID?

    var reading: SESReading {
        switch kind {
        case .send: everybody { _ in }
        case .reject, .renderingFailure: everybody(refusal)
        case .open, .click: everybody(engagement, mark: engagementMark)
        case .delivery: delivery
        case .deliveryDelay: delay
        case .bounce: bounce
        case .complaint: complaint
        }
    }

    /// When SES took the mail.
    var mailedAt: Date { SESTimestamp.mailed(mail.timestamp, receivedAt: receivedAt) }

    // MARK: Everybody in the call

    private func everybody(_ details: (inout EventData) -> Void, mark: String = "") -> SESReading {
        let timestamp =
            switch kind {
            case .open: document.open?.timestamp
            case .click: document.click?.timestamp
            default: mail.timestamp
            }
        return .events([event(nil, at: timestamp, mark: mark, details)])
    }

    private func refusal(_ data: inout EventData) {
        let reason = kind == .reject ? document.reject?.reason : document.failure?.message
        data.add("reject") {
            $0.add("reason", reason, limit: 1000)
            $0.add("template", document.failure?.template)
        }
        let words = kind == .reject ? "SES rejected the message" : "SES could not render the template"
        data.add("reason", words + (reason.map { ": \($0)" } ?? ""), limit: 500)
    }

    private func engagement(_ data: inout EventData) {
        let engagement = kind == .open ? document.open : document.click
        data.add(kind == .open ? "open" : "click") {
            $0.add("link", engagement?.link, limit: 1000)
            $0.add("link_tags") { tags in
                // Two names may be one when they are cut.
                var names: Set<String> = []
                for (name, values) in (engagement?.linkTags ?? [:]).sorted(by: { $0.key < $1.key }).prefix(10) {
                    let name = EventText.clean(name, limit: 64)
                    guard names.insert(name).inserted else { continue }
                    tags.add(name, values.joined(separator: ","), limit: 128)
                }
            }
            $0.add("ip_address", engagement?.ipAddress, limit: 64)
            $0.add("user_agent", engagement?.userAgent, limit: 500)
        }
    }

    private var engagementMark: String {
        guard kind == .click else { return Self.mark(document.open?.timestamp) }
        let link = Hex.encode(SHA256.hash(Array((document.click?.link ?? "").utf8))).prefix(16)
        return Self.mark(document.click?.timestamp) + ":\(link)"
    }

    // MARK: Each recipient

    private var delivery: SESReading {
        each(document.delivery?.recipients.map { ($0, $0) }) { recipient, _ in
            event(recipient, at: document.delivery?.timestamp) { data in
                data.add("delivery") {
                    $0.add("smtp_response", document.delivery?.smtpResponse, limit: 1000)
                    $0.add("processing_time_ms", document.delivery?.processingTime)
                    $0.add("reporting_mta", document.delivery?.reportingMTA)
                }
            }
        }
    }

    private var delay: SESReading {
        each(document.delay?.recipients.map { ($0.address, $0) }) { recipient, delayed in
            event(recipient, at: document.delay?.timestamp, mark: Self.mark(document.delay?.timestamp)) { data in
                data.add("delay") {
                    $0.add("type", document.delay?.type)
                    $0.add("status", delayed?.status, limit: 64)
                    $0.add("diagnostic_code", delayed?.diagnosticCode, limit: 1000)
                    $0.add("expires_at", document.delay?.expirationTime, limit: 64)
                }
                data.add("reason", Self.words("Delayed", document.delay?.type, delayed?.diagnosticCode), limit: 500)
            }
        }
    }

    private var bounce: SESReading {
        let bounce = document.bounce
        return each(bounce?.recipients.map { ($0.address, $0) }) { recipient, bounced in
            let isUnknownSender = SuppressionRule.isUnknownSender(
                type: bounce?.type,
                recipient: recipient ?? "",
                diagnosticCode: bounced?.diagnosticCode
            )
            return event(
                recipient,
                at: bounce?.timestamp,
                mark: bounce?.feedbackID.map { EventText.clean($0, limit: 128) } ?? Self.mark(bounce?.timestamp),
                suppression: SuppressionRule.bounce(
                    type: bounce?.type,
                    subType: bounce?.subType,
                    isUnknownSender: isUnknownSender
                ),
                harm: HarmRule.bounce(type: bounce?.type, subType: bounce?.subType, recipient: recipient),
                alarm: isUnknownSender ? unknownSender : nil
            ) { data in
                data.add("bounce") {
                    $0.add("type", bounce?.type)
                    $0.add("sub_type", bounce?.subType)
                    $0.add("status", bounced?.status, limit: 64)
                    $0.add("diagnostic_code", bounced?.diagnosticCode, limit: 1000)
                    $0.add("reporting_mta", bounce?.reportingMTA)
                    $0.add("feedback_id", bounce?.feedbackID)
                }
                let what = (bounce?.type.map { "\($0) bounce" } ?? "Bounce")
                data.add("reason", Self.words(what, bounce?.subType, bounced?.diagnosticCode), limit: 500)
            }
        }
    }

    private var complaint: SESReading {
        let complaint = document.complaint
        return each(complaint?.recipients.map { ($0.address, $0) }) { recipient, _ in
            event(
                recipient,
                at: complaint?.timestamp,
                mark: complaint?.feedbackID.map { EventText.clean($0, limit: 128) } ?? Self.mark(complaint?.timestamp),
                suppression: SuppressionRule.complaint(feedbackType: complaint?.feedbackType),
                harm: HarmRule.complaint(
                    feedbackType: complaint?.feedbackType,
                    subType: complaint?.subType,
                    recipient: recipient
                )
            ) { data in
                data.add("complaint") {
                    $0.add("feedback_type", complaint?.feedbackType)
                    $0.add("sub_type", complaint?.subType)
                    $0.add("user_agent", complaint?.userAgent, limit: 500)
                    $0.add("arrival_date", complaint?.arrivalDate, limit: 64)
                    $0.add("feedback_id", complaint?.feedbackID)
                }
                data.add(
                    "reason",
                    Self.words("Complaint", complaint?.feedbackType ?? complaint?.subType, nil),
                    limit: 500
                )
            }
        }
    }

    /// One event for each recipient. An event that names nobody is about the only one it can be about, if there is one.
    private func each<Detail>(
        _ recipients: [(address: String, detail: Detail)]?,
        _ make: (String?, Detail?) -> SESEvent
    ) -> SESReading {
        guard let recipients else { return malformed("there is no member about the \(kind.rawValue)") }
        guard recipients.count <= SESReader.recipients else {
            return malformed("it names more than \(SESReader.recipients) recipients")
        }
        var seen: Set<String> = []
        let events = recipients.compactMap { recipient -> SESEvent? in
            let address = Self.address(recipient.address)
            return seen.insert(address).inserted ? make(address, recipient.detail) : nil
        }
        if !events.isEmpty { return .events(events) }
        if case .row = entry { return .events([make(nil, nil)]) }
        guard mail.destination.count == 1 else { return malformed("it names no recipient") }
        return .events([make(Self.address(mail.destination[0]), nil)])
    }

    // MARK: The event

    private func event(
        _ recipient: String?,
        at timestamp: String?,
        mark: String = "",
        suppression: Evidence.Suppression? = nil,
        harm: Evidence.Harm? = nil,
        alarm: OperatorAlarm? = nil,
        _ details: (inout EventData) -> Void
    ) -> SESEvent {
        let mailedAt = mailedAt
        let (at, isTrue) = SESTimestamp.plausible(timestamp, mailedAt: mailedAt, receivedAt: receivedAt)
        var data = EventData()
        data.add("ses_message_id", sesID)
        details(&data)
        if !isTrue { data.add("ses_timestamp", timestamp, limit: 64) }
        return SESEvent(
            evidence: Evidence(
                accountID: accountID,
                entry: entry,
                attempt: entry == nil ? nil : mail.attempt,
                sesMessageID: sesID,
                recipient: recipient,
                type: kind.type,
                identity: kind == .send
                    ? Evidence.sentIdentity(sesID)
                    : "\(kind.type.rawValue):\(sesID)" + (mark.isEmpty ? "" : ":\(mark)"),
                at: at,
                data: data.json,
                suppression: suppression,
                harm: harm
            ),
            mailedAt: mailedAt,
            alarm: alarm
        )
    }

    private var unknownSender: OperatorAlarm {
        let sender = mail.source.flatMap { try? EmailAddress(parsing: $0) }
        return OperatorAlarm(
            .privateRelay,
            object: sender?.domain ?? "unknown",
            detail:
                "Apple's private relay refuses mail of this domain: register it, and the MAIL FROM domain, at Apple "
                + "(Sign in with Apple, email sources); then take the refused addresses off SES's suppression list"
        )
    }

    private func malformed(_ detail: String) -> SESReading {
        .unreadable(reason: "malformed", detail: "\(kind.rawValue): \(detail)")
    }

    /// As rows are compared by it; cut where it is no address.
    private static func address(_ text: String) -> String {
        (try? EmailAddress(parsing: text))?.matchKey ?? EventText.clean(text, limit: 320).lowercased()
    }

    /// A timestamp as a part of an identity: the same however it is written.
    private static func mark(_ timestamp: String?) -> String {
        guard let timestamp else { return "0" }
        return SESTimestamp.milliseconds(timestamp).map { "\($0)" } ?? EventText.clean(timestamp, limit: 64)
    }

    private static func words(_ what: String, _ kind: String?, _ detail: String?) -> String {
        what + (kind.map { " (\($0))" } ?? "") + (detail.map { ": \($0)" } ?? "")
    }
}
