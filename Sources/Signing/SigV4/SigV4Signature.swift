/// A signature and what it was made from.
public struct SigV4Signature: Sendable {
    /// The fields to add to the request: `X-Amz-Date`, `X-Amz-Security-Token` for temporary credentials, `Authorization`.
    public let headers: [SigV4Request.Header]

    /// 64 hexadecimal digits.
    public let signature: String

    /// The canonical request and the string to sign, for comparing with what a refusing service reports. Neither holds a
    /// secret, but for the session token in the canonical request.
    public let canonicalRequest: String
    public let stringToSign: String
}
