public import Foundation
public import Outbox

/// One thing that SES says about one recipient, or about everybody in a call.
public struct SESEvent: Sendable {
    public let evidence: Evidence
    /// When SES took the mail.
    public let mailedAt: Date
    /// What an operator has to look after because of it.
    public let alarm: OperatorAlarm?

    public init(evidence: Evidence, mailedAt: Date, alarm: OperatorAlarm? = nil) {
        self.evidence = evidence
        self.mailedAt = mailedAt
        self.alarm = alarm
    }
}
