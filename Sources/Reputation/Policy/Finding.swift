import Directory
import Foundation

/// The worst that a tally shows: how bad it is, and where.
struct Finding: Equatable, Sendable {
    enum Harm: String, Sendable {
        case bounce
        case complaint
    }

    let state: StandingState
    let harm: Harm
    let window: CountWindow
    let counts: MailCounts
    /// In percent: what was reached.
    let limit: Double

    /// Such as "5.0 % of 1,000 mails of the last hour bounced; 4 % is the limit".
    var words: String {
        let rate = harm == .bounce ? counts.bounceRate : counts.complaintRate
        let what = harm == .bounce ? "bounced" : "led to complaints"
        let reached = "\(Self.text(rate)) % of \(counts.sent) mails of \(window.name) \(what)"
        return "\(reached); \(Self.text(limit)) % is the limit"
    }

    /// Two places behind the point, without zeros at its end.
    private static func text(_ number: Double) -> String {
        let text = String(format: "%.2f", number)
        let cut = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(cut.reversed())
    }
}
