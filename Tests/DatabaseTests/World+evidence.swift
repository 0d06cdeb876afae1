import Directory
import Foundation
import Mail
import Outbox
import Postgres

extension World {
    /// What SES says about a call, with the identities that it has however SES says it.
    func evidence(
        _ type: EventType,
        _ entry: EntryID,
        _ sesID: String,
        recipient: String? = nil,
        isTagged: Bool = true,
        mark: String = "",
        suppression: Evidence.Suppression? = nil,
        accountID: Int32? = nil,
        attempt: Int16? = nil
    ) throws -> Evidence {
        let isBad = [.deliveryDelayed, .bounced, .complained, .rejected].contains(type)
        return Evidence(
            accountID: try accountID ?? account.id,
            entry: isTagged ? entry : nil,
            attempt: attempt,
            sesMessageID: sesID,
            recipient: recipient,
            type: type,
            identity: type == .sent
                ? Evidence.sentIdentity(sesID) : "\(type.rawValue):\(sesID)" + (mark.isEmpty ? "" : ":\(mark)"),
            at: Date(),
            data: #"{"ses_message_id": "\#(sesID)"\#(isBad ? #", "reason": "why \#(type.rawValue)""# : "")}"#,
            suppression: suppression
        )
    }

    func apply(_ evidence: [Evidence]) async throws -> [EvidenceResult] {
        try await EvidenceStore(pool: pool).apply(evidence)
    }

    /// Accepts messages and claims all that they hold.
    func claimed(_ messages: [NewMessage]) async throws -> [ClaimedCall] {
        try await accept(messages)
        var calls: [ClaimedCall] = []
        while true {
            let more = try await claim(try lane("apa", "AT"), 200)
            if more.isEmpty { return calls.sorted { $0.entry < $1.entry } }
            calls += more
        }
    }

    /// One call that is under way.
    func call(recipients: [String] = ["a@b.example"], split: Bool = true) async throws -> (NewMessage, ClaimedCall) {
        let message = try message(recipients: recipients, split: split)
        let calls = try await claimed([message])
        guard let call = calls.first else { throw NotFound() }
        return (message, call)
    }

    var accountID: Int32 { get throws { try account.id } }

    /// One value of the database.
    func value<Value: PostgresDecodable>(_ query: SQL, as type: Value.Type = Value.self) async throws -> Value {
        guard let value = try await pool.query(query).decode(type).first else { throw NotFound() }
        return value
    }
}
