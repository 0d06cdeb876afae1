import Directory
import Foundation

/// How changes of standings are told.
enum StandingWords {
    private struct Data: Encodable {
        let account: String
        let state: String
        let previous: String
        let reason: String?
    }

    /// The `data` of a tenant's notice: a JSON object.
    static func data(_ change: StandingChange) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let data = Data(
            account: change.account,
            state: change.new.rawValue,
            previous: change.old.rawValue,
            reason: change.reason
        )
        return String(decoding: try encoder.encode(data), as: UTF8.self)
    }

    /// For the operator: what has happened, and what to do.
    static func alarm(_ change: StandingChange) -> String {
        let reason = change.reason ?? ""
        guard change.tenant != nil else {
            return "the account comes near to SES's limits: \(reason); see GET /admin/reputation for who leads it there"
        }
        guard change.new == .paused else { return "slowed: \(reason)" }
        return "paused, its mail is held: \(reason); it can resume itself, or POST /admin/reputation/resume"
    }
}

extension StandingChange {
    /// In alarms.
    var object: String { tenant.map { "tenant \($0)" } ?? "the account" }
    /// In the audit.
    var standing: String { "standing of \(object) at \(account)" }
}
