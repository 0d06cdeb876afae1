import FoundationEssentials
import Logging
import Outbound
import Signing

/// Assumes roles at the Security Token Service (API version 2011-06-15).
struct STSClient {
    private static let tries = 3

    let settings: CredentialSettings
    let client: HTTPClient
    let time: TimeSource
    let logger: Logger

    /// `AssumeRole`, signed with `credentials`.
    func assume(
        _ role: RoleRequest,
        with credentials: AWSCredentials,
        region: String?
    ) async throws(AWSError) -> AWSCredentials {
        try await call("AssumeRole", role.parameters, role, region, CredentialProvider(fixed: credentials))
    }

    /// `AssumeRoleWithWebIdentity`, which the token alone vouches for.
    func assume(_ role: RoleRequest, webIdentityToken: String, region: String?) async throws(AWSError) -> AWSCredentials
    {
        let parameters = role.parameters + [(name: "WebIdentityToken", value: webIdentityToken)]
        return try await call("AssumeRoleWithWebIdentity", parameters, role, region, nil)
    }

    private func call(
        _ action: String,
        _ parameters: [(name: String, value: String)],
        _ role: RoleRequest,
        _ region: String?,
        _ credentials: CredentialProvider?
    ) async throws(AWSError) -> AWSCredentials {
        let aws = try service(region: region, credentials: credentials)
        let form = ([("Action", action), ("Version", "2011-06-15")] + parameters)
            .map { "\(PercentCoding.encode($0.0))=\(PercentCoding.encode($0.1))" }
            .joined(separator: "&")
        var call = AWSCall(
            method: .post,
            path: "/",
            contentType: "application/x-www-form-urlencoded; charset=utf-8",
            body: Array(form.utf8)
        )
        call.timeouts = Timeouts(connect: .seconds(3), response: .seconds(10), total: .seconds(15))
        var failure = ""
        for attempt in 1...Self.tries {
            do throws(AWSError) {
                let reply = try await aws.send(call)
                guard let refusal = reply.serviceError else {
                    return try Self.credentials(in: reply.body, role: role)
                }
                failure = Self.sentence(refusal, body: reply.body)
                guard refusal.status >= 500 || refusal.status == 429 || failure.contains("Throttling") else { break }
            } catch {
                guard error.code == .transport else { throw error }
                failure = error.message
            }
            if attempt < Self.tries { try await Pause.sleep(settings.retryPause) }
        }
        throw AWSError(.credentials, "\(action) for \(role.roleARN) failed: \(failure)")
    }

    private func service(region: String?, credentials: CredentialProvider?) throws(AWSError) -> AWSClient {
        let region =
            region ?? settings.variable("AWS_REGION") ?? settings.variable("AWS_DEFAULT_REGION") ?? settings.region
        let ignoresEndpoints = settings.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        let configured = settings.variable("AWS_ENDPOINT_URL_STS") ?? settings.variable("AWS_ENDPOINT_URL")
        return try AWSClient(
            AWSService(signingName: "sts", hostPrefix: "sts"),
            region: region ?? "us-east-1",
            endpoint: ignoresEndpoints ? nil : configured,
            credentials: credentials,
            client: client,
            time: time,
            logger: logger
        )
    }

    /// The answer's keys: `<ActionResponse><ActionResult><Credentials>`.
    static func credentials(in body: [UInt8], role: RoleRequest) throws(AWSError) -> AWSCredentials {
        let place = "STS's answer for \(role.roleARN)"
        guard let root = XMLElement.parse(body), root.name.hasSuffix("Response"),
            let found = root.children.first(where: { $0.name.hasSuffix("Result") })?["Credentials"],
            let id = found["AccessKeyId"]?.text, let secret = found["SecretAccessKey"]?.text,
            let token = found["SessionToken"]?.text, let end = found["Expiration"]?.text,
            !id.isEmpty, !secret.isEmpty, !token.isEmpty
        else { throw AWSError(.credentials, "\(place) holds no credentials") }
        guard let expiration = AWSDate.parse(end) else {
            throw AWSError(.credentials, "\(place) has an Expiration that is no date")
        }
        return AWSCredentials(
            keys: SigV4Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token),
            expiration: expiration,
            source: "role \(role.roleARN)"
        )
    }

    /// A refusal in words. STS writes errors in XML, a front end perhaps as JSON or not at all.
    private static func sentence(_ refusal: ServiceError, body: [UInt8]) -> String {
        let root = XMLElement.parse(body)
        let error = root?["Error"] ?? root?["Errors"]?["Error"]
        let code = error?["Code"]?.text ?? refusal.code ?? "no error code"
        let message = error?["Message"]?.text ?? refusal.message ?? ""
        return "\(code) (status \(refusal.status)) \(message.prefix(500))"
    }
}
