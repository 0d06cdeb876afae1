/// What SES says about a message: the event types of its configuration sets.
enum EventKind: UInt8, CaseIterable, Sendable {
    case send, delivery, bounce, complaint, reject, deliveryDelay, open, click

    /// The value of `eventType`.
    var name: String {
        switch self {
        case .send: "Send"
        case .delivery: "Delivery"
        case .bounce: "Bounce"
        case .complaint: "Complaint"
        case .reject: "Reject"
        case .deliveryDelay: "DeliveryDelay"
        case .open: "Open"
        case .click: "Click"
        }
    }

    /// The `detail-type` of EventBridge.
    var detailType: String {
        switch self {
        case .send: "Email Sent"
        case .delivery: "Email Delivered"
        case .bounce: "Email Bounced"
        case .complaint: "Email Complaint Received"
        case .reject: "Email Rejected"
        case .deliveryDelay: "Email Delivery Delayed"
        case .open: "Email Opened"
        case .click: "Email Clicked"
        }
    }

    /// Whether the older feedback notifications of an identity know it.
    var isFeedback: Bool { self == .delivery || self == .bounce || self == .complaint }

    /// What it proves about the recipient.
    var status: FinalStatus {
        switch self {
        case .send, .open, .click: .sent
        case .deliveryDelay: .delayed
        case .reject: .rejected
        case .delivery: .delivered
        case .bounce: .bounced
        case .complaint: .complained
        }
    }
}
