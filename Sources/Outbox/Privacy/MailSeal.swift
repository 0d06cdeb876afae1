import Mail
import Postgres
import Sealing

/// Seals what mail says before it is stored, and opens it to be sent. Without a vault everything stays as it is.
struct MailSeal: Sendable {
    let vault: Vault?

    func seal(_ message: NewMessage) async throws(SealingError) -> NewMessage {
        guard let vault, !message.content.isSealed,
            let bytes = try await vault.seal(
                message.content.bytes,
                at: SealedPlace(.body, tenantID: message.tenantID, id: message.id.uuid)
            )
        else { return message }
        var sealed = message
        sealed.content = message.content.sealed(as: bytes)
        return sealed
    }

    func seal(_ submission: Submission) async throws(SealingError) -> Submission {
        guard vault != nil else { return submission }
        var sealed = submission
        for index in sealed.messages.indices { sealed.messages[index] = try await seal(sealed.messages[index]) }
        return sealed
    }

    /// What some recipients of a broadcast have of their own, the first of whom is number `first`.
    func seal(
        _ recipients: ArraySlice<BroadcastRecipient>,
        first: Int,
        of message: NewMessage
    ) async throws(SealingError) -> [BroadcastRecipient] {
        guard let vault else { return Array(recipients) }
        var sealed: [BroadcastRecipient] = []
        sealed.reserveCapacity(recipients.count)
        for (index, recipient) in recipients.enumerated() {
            guard let data = recipient.data, let id = message.id.outbox(first + index) else {
                sealed.append(recipient)
                continue
            }
            let place = SealedPlace(.recipientData, tenantID: message.tenantID, id: id.uuid)
            sealed.append(
                BroadcastRecipient(email: recipient.email, data: try await vault.seal(data, at: place) ?? data)
            )
        }
        return sealed
    }

    func open(_ bytes: [UInt8], at place: SealedPlace) async throws(SealingError) -> [UInt8] {
        guard let vault else {
            throw SealingError(
                .missingKey,
                "what is sealed cannot be opened, because no key is configured under `encryption`"
            )
        }
        return try await vault.open(bytes, at: place)
    }

    /// Whether what a recipient has of its own is sealed: else it is JSON, which begins otherwise.
    static func isSealed(_ data: [UInt8]) -> Bool { data.first.map { $0 < 0x20 } ?? false }
}
