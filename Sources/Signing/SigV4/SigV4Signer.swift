/// Signs requests to one AWS service in one region with Signature Version 4, in the `Authorization` header.
public final class SigV4Signer: Sendable {
    /// Such as `eu-central-1`.
    public let region: String

    /// The signing name: `ses` for SES, whose host is called `email`.
    public let service: String

    private let cache: SigningKeyCache

    public init(region: String, service: String) {
        self.region = region
        self.service = service
        cache = SigningKeyCache(region: region, service: service)
    }

    /// The signature of `request` at `date`, with the fields that must be added to it.
    public func sign(_ request: SigV4Request, with credentials: SigV4Credentials, at date: SigV4Date) -> SigV4Signature
    {
        var request = request
        var added = [SigV4Request.Header(name: "X-Amz-Date", value: date.text)]
        if let token = credentials.sessionToken {
            added.append(SigV4Request.Header(name: "X-Amz-Security-Token", value: token))
        }
        request.headers += added
        let canonical = CanonicalRequest(request)
        let scope = "\(date.day)/\(region)/\(service)/aws4_request"
        let stringToSign =
            "AWS4-HMAC-SHA256\n\(date.text)\n\(scope)\n\(Hex.encode(SHA256.hash(canonical.text)))"
        let key = signingKey(day: date.day, secretAccessKey: credentials.secretAccessKey)
        let signature = Hex.encode(HMACSHA256.code(of: stringToSign, key: key))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
        return SigV4Signature(
            headers: added + [SigV4Request.Header(name: "Authorization", value: authorization)],
            signature: signature,
            canonicalRequest: canonical.text,
            stringToSign: stringToSign
        )
    }

    /// kSigning: the 32-byte key for `day` (`YYYYMMDD`), derived once.
    func signingKey(day: String, secretAccessKey: String) -> [UInt8] {
        cache.key(day: day, secretAccessKey: secretAccessKey)
    }
}
