import Mail

/// SES's event types that say something about mail.
enum SESEventKind: String {
    case send = "Send"
    case delivery = "Delivery"
    case deliveryDelay = "DeliveryDelay"
    case bounce = "Bounce"
    case complaint = "Complaint"
    case reject = "Reject"
    case renderingFailure = "Rendering Failure"
    case open = "Open"
    case click = "Click"

    var type: EventType {
        switch self {
        case .send: .sent
        case .delivery: .delivered
        case .deliveryDelay: .deliveryDelayed
        case .bounce: .bounced
        case .complaint: .complained
        case .reject, .renderingFailure: .rejected
        case .open: .opened
        case .click: .clicked
        }
    }
}
