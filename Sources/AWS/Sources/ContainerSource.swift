import FoundationEssentials
import Outbound

/// The endpoint that ECS tasks and EKS pods get credentials from.
struct ContainerSource {
    static let relativeHost = "http://169.254.170.2"
    private static let tries = 3

    let settings: CredentialSettings
    let client: HTTPClient

    /// - Throws: `configuration` for an address that may not be asked, `credentials` when the endpoint does not deliver.
    func find() async throws(AWSError) -> CredentialFinding {
        guard let url = try endpoint() else {
            return .absent("container (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set)")
        }
        var failure = ""
        for attempt in 1...Self.tries {
            // The token's file is read again for each call: it is replaced while the pod runs.
            var request = OutboundRequest(method: .get, url: url, headers: ["Accept": "application/json"])
            request.timeouts = Timeouts(connect: .seconds(2), response: .seconds(2), total: .seconds(4))
            request.maxResponseBytes = 64 << 10
            if let token = try token() { request.headers.append(name: "Authorization", value: token) }
            do {
                let response = try await client.send(request)
                if response.status == 200 {
                    return .found(try EndpointDocument.credentials(in: response.body, source: "container endpoint"))
                }
                failure = "it answered \(response.status)"
            } catch let error as OutboundError {
                if error.code == .cancelled { throw AWSError(.cancelled, "cancelled while fetching credentials") }
                failure = error.message
            } catch let error as AWSError {
                failure = error.message
            } catch {
                failure = "\(error)"
            }
            if attempt < Self.tries { try await Pause.sleep(settings.retryPause) }
        }
        throw AWSError(
            .credentials,
            "the container credentials endpoint did not deliver in \(Self.tries) tries: \(failure)"
        )
    }

    /// The URL to ask, or `nil` when none is set.
    private func endpoint() throws(AWSError) -> String? {
        if let path = settings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard path.hasPrefix("/") else {
                throw AWSError(.configuration, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with a slash")
            }
            return Self.relativeHost + path
        }
        guard let url = settings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        guard Self.mayAsk(url) else {
            throw AWSError(
                .configuration,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http to this machine or to the addresses of ECS and EKS"
            )
        }
        return url
    }

    /// Whether a token may be sent to `url`: in plain text only to addresses that never leave the machine.
    static func mayAsk(_ url: String) -> Bool {
        guard let parts = EndpointURL(String(url.prefix { $0 != "?" })) else { return false }
        if parts.isSecure { return true }
        switch parts.host {
        case "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]": return true
        default:
            let octets = parts.host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            return octets.count == 4 && octets[0] == 127 && octets.allSatisfy { $0 != nil }
        }
    }

    private func token() throws(AWSError) -> String? {
        let token: String
        if let path = settings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            token = try TokenFile.read(settings.expanded(path))
        } else if let value = settings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
            token = value
        } else {
            return nil
        }
        guard !token.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw AWSError(
                .configuration,
                "the container authorization token has a line break or another control character"
            )
        }
        return token
    }
}
