import Outbound

/// Fetches certificates with the node's HTTP client, which follows no redirect and checks the peer's name and chain.
struct CertificateFetch: Sendable {
    static let longest = 16 << 10

    let http: HTTPClient

    func callAsFunction(_ url: String) async throws(SigningCertificates.Failure) -> [UInt8] {
        let request = OutboundRequest(
            method: .get,
            url: url,
            timeouts: Timeouts(connect: .seconds(3), response: .seconds(3), total: .seconds(5)),
            maxResponseBytes: Self.longest
        )
        let response: OutboundResponse
        do throws(OutboundError) {
            response = try await http.send(request)
        } catch {
            throw .unavailable("the certificate cannot be fetched: \(error.message)")
        }
        // A proxy or a portal on the way answers with anything; that there is none is for SNS's host to say.
        switch response.status {
        case 200: return response.body
        case 404: throw .refused("there is no certificate at SigningCertURL")
        default: throw .unavailable("the certificate cannot be fetched: status \(response.status)")
        }
    }
}
