import Foundation
import Mail

/// What becomes of a recipient of test mail, by the rules of SES's mailbox simulator: its addresses say what they stand for, and
/// everybody else gets their mail. Nobody is suppressed by it, as nobody is by SES's.
enum TestFate: Equatable {
    case delivered
    /// Comes back for good.
    case bounced
    /// Comes back because SES's own list has the address.
    case suppressed
    /// Delivered, then reported as unwanted.
    case complained
    /// Delivered, then answered by a machine, which SES reports as a transient bounce.
    case answered

    private static let domain = "simulator.amazonses.com"

    init(of email: String) {
        let parts = email.lowercased().split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == Self.domain else {
            self = .delivered
            return
        }
        // What is behind a plus sign only tells tests apart.
        switch parts[0].prefix(while: { $0 != "+" }) {
        case "bounce": self = .bounced
        case "suppressionlist": self = .suppressed
        case "complaint": self = .complained
        case "ooto": self = .answered
        default: self = .delivered
        }
    }

    /// What SES would say, in its order, a millisecond apart.
    ///
    /// - Parameter at: when the mail was taken.
    func evidence(of row: OutboxID, attempt: Int16, accountID: Int32, at: Date) -> [Evidence] {
        // No id of SES's begins so.
        let sesID = "test-\(row)"
        return ([(EventType.sent, "")] + events).enumerated().map { index, event in
            Evidence(
                accountID: accountID,
                entry: .row(row),
                attempt: attempt,
                sesMessageID: sesID,
                recipient: nil,
                type: event.0,
                identity: event.0 == .sent ? Evidence.sentIdentity(sesID) : "\(event.0.rawValue):\(sesID)",
                at: at.addingTimeInterval(Double(index) / 1000),
                data: #"{"ses_message_id":"\#(sesID)"\#(event.1)}"#
            )
        }
    }

    /// The events after `email.sent`, with the members that say more.
    private var events: [(EventType, String)] {
        let delivery = (EventType.delivered, #","delivery":{"smtp_response":"250 2.6.0 Message received"}"#)
        switch self {
        case .delivered: return [delivery]
        case .bounced: return [Self.bounce("Permanent", "General", "smtp; 550 5.1.1 user unknown")]
        case .suppressed:
            return [
                Self.bounce(
                    "Permanent",
                    "Suppressed",
                    "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an "
                        + "invalid address"
                )
            ]
        case .complained:
            return [
                delivery,
                (.complained, #","complaint":{"feedback_type":"abuse"},"reason":"Complaint (abuse)""#),
            ]
        case .answered: return [delivery, Self.bounce("Transient", "General", nil)]
        }
    }

    private static func bounce(_ type: String, _ subType: String, _ diagnostic: String?) -> (EventType, String) {
        let details = diagnostic.map { #","status":"5.1.1","diagnostic_code":"\#($0)""# } ?? ""
        let reason = "\(type) bounce (\(subType))" + (diagnostic.map { ": \($0)" } ?? "")
        return (.bounced, #","bounce":{"type":"\#(type)","sub_type":"\#(subType)"\#(details)},"reason":"\#(reason)""#)
    }
}
