import Mail
import Outbox

extension AcceptWriter {
    /// One message as a request of its own; returns its status.
    @discardableResult
    func accept(_ message: NewMessage) async throws(AcceptError) -> MessageStatus {
        let submission = Submission(tenantID: message.tenantID, messages: [message], isAtomic: true, key: nil) {
            statuses in
            statuses.first?.status?.rawValue ?? ""
        }
        return MessageStatus(rawValue: try await accept(submission).answer) ?? .failed
    }
}
