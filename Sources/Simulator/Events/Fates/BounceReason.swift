/// Why a mail comes back, with SES's words for it.
enum BounceReason: Equatable, Sendable {
    case general
    /// On SES's own list.
    case suppressedGlobally
    /// On the account's list.
    case suppressedByAccount
    case outOfOffice

    var type: String { self == .outOfOffice ? "Transient" : "Permanent" }

    var subtype: String {
        switch self {
        case .general, .outOfOffice: "General"
        case .suppressedGlobally: "Suppressed"
        case .suppressedByAccount: "OnAccountSuppressionList"
        }
    }

    /// The members of a bounced recipient after the address; an automatic answer has none.
    var details: String {
        switch self {
        case .outOfOffice: ""
        case .general:
            #","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown""#
        case .suppressedGlobally:
            #","action":"failed","status":"5.1.1","diagnosticCode":"Amazon SES has suppressed sending to this address "#
                + #"because it has a recent history of bouncing as an invalid address.""#
        case .suppressedByAccount:
            #","action":"failed","status":"5.1.1","diagnosticCode":"Amazon SES did not send the message to this "#
                + #"address because it is on the suppression list for your account.""#
        }
    }
}
