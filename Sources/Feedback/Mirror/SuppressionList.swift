public import SES

/// SES's own suppression list of one account.
public protocol SuppressionList: Sendable {
    func putSuppressed(_ email: String, reason: SuppressionReason) async throws(SendFailure)
    func deleteSuppressed(_ email: String) async throws(SendFailure)
}

extension SESClient: SuppressionList {}
