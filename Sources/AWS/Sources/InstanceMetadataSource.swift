import Logging
import Outbound

/// The role of the EC2 instance, from its metadata service, version 2.
struct InstanceMetadataSource {
    private static let tokenSeconds = 21_600
    private static let rolePath = "/latest/meta-data/iam/security-credentials/"

    let settings: CredentialSettings
    let client: HTTPClient
    let logger: Logger

    /// - Throws: `credentials` when the service is there, but does not deliver.
    func find() async throws(AWSError) -> CredentialFinding {
        guard !settings.flag("AWS_EC2_METADATA_DISABLED") else {
            return .absent("instance metadata (AWS_EC2_METADATA_DISABLED is true)")
        }
        guard let endpoint = EndpointURL(base) else {
            throw AWSError(.configuration, "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http URL")
        }
        let url = { (path: String) in endpoint.url(path: path, query: "") }
        let answer = await ask(
            OutboundRequest(
                method: .put,
                url: url("/latest/api/token"),
                headers: ["X-aws-ec2-metadata-token-ttl-seconds": "\(Self.tokenSeconds)"]
            )
        )
        var headers: HeaderFields = [:]
        switch answer {
        case .failure(let error):
            if error.code == .cancelled { throw AWSError(.cancelled, "cancelled while fetching credentials") }
            return .absent("instance metadata (\(endpoint.hostHeader) did not answer)")
        case .success(let response) where response.status == 200:
            headers.append(name: "X-aws-ec2-metadata-token", value: String(decoding: response.body, as: UTF8.self))
        case .success(let response) where [403, 404, 405].contains(response.status):
            guard !settings.flag("AWS_EC2_METADATA_V1_DISABLED") else {
                throw AWSError(
                    .credentials,
                    "instance metadata gave no token (\(response.status)), and AWS_EC2_METADATA_V1_DISABLED forbids version 1"
                )
            }
            logger.warning(
                "Instance metadata gave no token, asking by version 1",
                metadata: ["status": "\(response.status)"]
            )
        case .success(let response):
            throw AWSError(.credentials, "instance metadata refused to give a token: status \(response.status)")
        }
        guard let name = try await text(url(Self.rolePath), headers) else {
            return .absent("instance metadata (the instance has no role)")
        }
        let role = String(decoding: name, as: UTF8.self).prefix { !$0.isNewline }
        guard !role.isEmpty, role.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+=,.@_-".contains($0)) })
        else {
            throw AWSError(.credentials, "instance metadata named no usable role")
        }
        guard let document = try await text(url(Self.rolePath + role), headers) else {
            throw AWSError(.credentials, "instance metadata has no credentials for the role \(role)")
        }
        return .found(try EndpointDocument.credentials(in: document, source: "instance role \(role)"))
    }

    private var base: String {
        if let endpoint = settings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") { return endpoint }
        let mode = settings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased()
        return mode == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
    }

    /// The body at `url`, or `nil` if there is nothing.
    private func text(_ url: String, _ headers: HeaderFields) async throws(AWSError) -> [UInt8]? {
        switch await ask(OutboundRequest(method: .get, url: url, headers: headers)) {
        case .success(let response) where response.status == 200: return response.body
        case .success(let response) where response.status == 404: return nil
        case .success(let response):
            throw AWSError(.credentials, "instance metadata answered with status \(response.status)")
        case .failure(let error):
            if error.code == .cancelled { throw AWSError(.cancelled, "cancelled while fetching credentials") }
            throw AWSError(.credentials, "instance metadata stopped answering: \(error.message)")
        }
    }

    /// A variable that holds a number from 1 on; 1 if it does not.
    private func number(_ name: String, atMost limit: Double) -> Double {
        guard let number = settings.variable(name).flatMap({ Double($0) }), number >= 1 else { return 1 }
        return min(number, limit)
    }

    private func ask(_ request: OutboundRequest) async -> Result<OutboundResponse, OutboundError> {
        let timeout = Duration.seconds(number("AWS_METADATA_SERVICE_TIMEOUT", atMost: 60))
        let tries = Int(number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", atMost: 10))
        var request = request
        request.timeouts = Timeouts(connect: timeout, response: timeout, total: timeout * 2)
        request.maxResponseBytes = 64 << 10
        var last = OutboundError(.other, message: "not tried")
        for attempt in 1...tries {
            do throws(OutboundError) {
                let response = try await client.send(request)
                if response.status < 500 || attempt == tries { return .success(response) }
            } catch {
                last = error
                if error.code == .cancelled { break }
            }
        }
        return .failure(last)
    }
}
