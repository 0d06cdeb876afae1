import AWS
import Outbound

extension SESClient {
    private static let identitiesPath = "/v2/email/identities"

    /// What SES knows of an identity; nil: it has none of that name. SES answers one such call a second.
    public func identity(_ name: String) async throws(SendFailure) -> IdentityStatus? {
        let body: [UInt8]
        do throws(SendFailure) {
            body = try await ask(AWSCall(method: .get, path: "\(Self.identitiesPath)/\(AWSCall.encoded(name))"))
        } catch  where error.code == "NotFoundException" {
            return nil
        }
        guard let status = IdentityStatus(body, name: name) else {
            throw SendFailure(.temporary, message: "the answer to GetEmailIdentity is none")
        }
        return status
    }

    /// Makes a domain or an address an identity of the account. One that is there stays as it is.
    public func createIdentity(_ name: String) async throws(SendFailure) {
        var writer = JSONWriter(capacity: 128)
        writer.object { $0.member("EmailIdentity", name) }
        do throws(SendFailure) {
            _ = try await ask(AWSCall(method: .post, path: Self.identitiesPath, body: writer.bytes))
        } catch  where error.code == "AlreadyExistsException" {
            return
        }
    }

    /// Gives an identity a MAIL FROM domain of its own. While its records are not published, SES uses its own domain.
    public func setMailFrom(_ domain: String, of name: String) async throws(SendFailure) {
        var writer = JSONWriter(capacity: 128)
        writer.object {
            $0.member("MailFromDomain", domain)
            $0.member("BehaviorOnMxFailure", "USE_DEFAULT_VALUE")
        }
        let path = "\(Self.identitiesPath)/\(AWSCall.encoded(name))/mail-from"
        _ = try await ask(AWSCall(method: .put, path: path, body: writer.bytes))
    }
}
