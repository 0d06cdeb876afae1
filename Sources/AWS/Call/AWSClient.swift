import FoundationEssentials
public import Logging
public import Outbound
import Signing
import Synchronization

/// Signs calls to one service in one region and sends them.
///
/// A call is sent a second time only where the service refused the first without doing anything: once with the clock
/// corrected by the answer's `Date`, once with renewed credentials.
public final class AWSClient: Sendable {
    public let region: String

    /// Where calls go: `https://host[:port][/path]`.
    public let endpoint: String

    private let address: EndpointURL
    private let signer: SigV4Signer
    private let credentials: CredentialProvider?
    private let client: HTTPClient
    private let time: TimeSource
    private let logger: Logger

    /// By how much AWS's clock is ahead of ours, in seconds.
    private let clockOffset = Mutex<TimeInterval>(0)

    /// - Parameters:
    ///   - endpoint: `http[s]://host[:port][/path]`, or `nil` for AWS's own.
    ///   - credentials: `nil` leaves calls unsigned.
    /// - Throws: `configuration` for a region or an endpoint that cannot be used.
    public init(
        _ service: AWSService,
        region: String,
        endpoint: String? = nil,
        credentials: CredentialProvider?,
        client: HTTPClient,
        time: TimeSource = .system,
        logger: Logger = Logger(label: "sluice.aws")
    ) throws(AWSError) {
        guard !region.isEmpty,
            region.utf8.allSatisfy({ $0 == 0x2d || (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) })
        else { throw AWSError(.configuration, "'\(region)' is not an AWS region") }
        let endpoint = endpoint ?? service.endpoint(region: region)
        guard let address = EndpointURL(endpoint) else {
            throw AWSError(.configuration, "the endpoint '\(endpoint)' is not of the form http[s]://host[:port][/path]")
        }
        self.region = region
        self.endpoint = endpoint
        self.address = address
        self.credentials = credentials
        self.client = client
        self.time = time
        self.logger = logger
        signer = SigV4Signer(region: region, service: service.signingName)
    }

    /// Signs and sends `call` and returns the answer, also a refusal.
    ///
    /// - Throws: `transport` when no answer came, the codes of ``CredentialProvider/credentials()`` when nothing was sent.
    public func send(_ call: AWSCall) async throws(AWSError) -> AWSReply {
        var keys = try await credentials?.credentials()
        var mayCorrectClock = true
        var mayRenew = true
        while true {
            let offset = clockOffset.withLock { $0 }
            let reply = try await exchange(call, keys: keys, offset: offset)
            guard let refusal = reply.serviceError, let used = keys else { return reply }
            if refusal.blamesClock, mayCorrectClock, let corrected = correctClock(by: reply, from: offset) {
                mayCorrectClock = false
                logger.warning(
                    "AWS refused the date of a signature: correcting for the difference between its clock and ours",
                    metadata: ["seconds": "\(Int(corrected))"]
                )
            } else if refusal.blamesCredentials, mayRenew, let renewed = try await renewed(used) {
                mayRenew = false
                keys = renewed
            } else {
                return reply
            }
        }
    }

    private func exchange(
        _ call: AWSCall,
        keys: AWSCredentials?,
        offset: TimeInterval
    ) async throws(AWSError) -> AWSReply {
        let request = request(for: call, keys: keys, offset: offset)
        do throws(OutboundError) {
            return AWSReply(try await client.send(request))
        } catch {
            throw AWSError(.transport, error.message, transport: error)
        }
    }

    private func request(for call: AWSCall, keys: AWSCredentials?, offset: TimeInterval) -> OutboundRequest {
        let query = call.query
            .map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }
            .joined(separator: "&")
        var headers: HeaderFields = ["Host": address.hostHeader]
        if !call.body.isEmpty { headers.append(name: "Content-Type", value: call.contentType) }
        for field in call.headers { headers.append(name: field.name, value: field.value) }
        if let keys {
            let signature = signer.sign(
                SigV4Request(
                    method: call.method.name,
                    path: address.path + call.path,
                    query: query,
                    headers: headers.map { SigV4Request.Header(name: $0.name, value: $0.value) },
                    body: call.body
                ),
                with: keys.keys,
                at: SigV4Date(unixSeconds: Int64((time.wall().timeIntervalSince1970 + offset).rounded(.down)))
            )
            for field in signature.headers { headers.append(name: field.name, value: field.value) }
        }
        var request = OutboundRequest(
            method: call.method,
            url: address.url(path: call.path, query: query),
            headers: headers,
            body: call.body.isEmpty ? nil : call.body
        )
        request.timeouts = call.timeouts
        request.maxResponseBytes = call.maxResponseBytes
        request.deadline = call.deadline
        return request
    }

    /// Learns AWS's clock from an answer that blames ours; `nil` when it says nothing new.
    private func correctClock(by reply: AWSReply, from used: TimeInterval) -> TimeInterval? {
        guard let date = reply.headers["Date"].flatMap(AWSDate.parseHeader) else { return nil }
        let offset = date.timeIntervalSince(time.wall())
        guard abs(offset - used) > 10 else { return nil }
        clockOffset.withLock { $0 = offset }
        return offset
    }

    /// Other credentials than `used`, or `nil` if there are none: the refusal then stands.
    private func renewed(_ used: AWSCredentials) async throws(AWSError) -> AWSCredentials? {
        guard let next = try await credentials?.credentials(after: used), next.keys != used.keys else { return nil }
        return next
    }
}
