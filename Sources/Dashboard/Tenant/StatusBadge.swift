public import Mail

/// Where a mail stands, in a word and a colour that repeats it.
public enum StatusBadge {
    public static func html(_ status: MessageStatus) -> HTML { Badge.html(status.rawValue, tone(status)) }

    /// Of a message, whose recipients may differ.
    static func html(_ summary: MessageSummary) -> HTML {
        guard summary.isMixed else {
            return html(summary.name.flatMap(MessageStatus.init(rawValue:)) ?? .unknown)
        }
        let parts = MessageStatus.allCases.compactMap { status in
            summary.counts[status].map { "\(Words.number($0)) \(status.rawValue)" }
        }
        let isBad = MessageStatus.allCases.contains { tone($0) == .bad && (summary.counts[$0] ?? 0) > 0 }
        return """
            \(Badge.html("mixed", isBad ? .bad : .warn)) <span class="soft">\(parts.joined(separator: ", "))</span>
            """
    }

    static func tone(_ status: MessageStatus) -> Badge.Tone {
        switch status {
        case .delivered, .sent: .good
        case .delayed, .unknown, .suppressed, .canceled: .warn
        case .bounced, .complained, .rejected, .failed, .expired: .bad
        default: .plain
        }
    }
}

/// What happened, in words.
enum EventWords {
    static func text(_ type: EventType) -> String {
        switch type {
        case .scheduled: "Accepted, to be sent later"
        case .queued: "Accepted and queued"
        case .sent: "Sent: Amazon SES took it"
        case .delivered: "Delivered to the receiving server"
        case .deliveryDelayed: "Late: the receiving server puts it off"
        case .bounced: "Bounced"
        case .complained: "The reader complained"
        case .rejected: "Rejected by Amazon SES"
        case .failed: "Could not be sent"
        case .suppressed: "Not sent: the address is suppressed"
        case .canceled: "Canceled"
        case .expired: "Not sent in time"
        case .unknown: "Sent perhaps: no answer came"
        case .opened: "Opened"
        case .clicked: "A link was clicked"
        case .unsubscribed: "Unsubscribed"
        }
    }

    static func tone(_ type: EventType) -> Badge.Tone {
        switch type {
        case .opened, .clicked: .good
        case .unsubscribed: .warn
        default: type.status.map(StatusBadge.tone) ?? .plain
        }
    }
}
