import AWS
import Outbound

extension SESClient {
    private static let suppressionPath = "/v2/email/suppression/addresses"

    /// Puts an address into the account's suppression list. Putting it there again is no failure.
    public func putSuppressed(_ email: String, reason: SuppressionReason) async throws(SendFailure) {
        var writer = JSONWriter(capacity: 128)
        writer.object {
            $0.member("EmailAddress", email)
            $0.member("Reason", reason.rawValue)
        }
        _ = try await ask(AWSCall(method: .put, path: Self.suppressionPath, body: writer.bytes))
    }

    /// Takes an address off the account's suppression list. One that is not there is no failure.
    public func deleteSuppressed(_ email: String) async throws(SendFailure) {
        let call = AWSCall(method: .delete, path: "\(Self.suppressionPath)/\(AWSCall.encoded(email))")
        do throws(SendFailure) {
            _ = try await ask(call)
        } catch  where error.code == "NotFoundException" {
            return
        }
    }
}
