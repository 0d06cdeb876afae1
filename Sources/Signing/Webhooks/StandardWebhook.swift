import FoundationEssentials

/// The signatures of Standard Webhooks 1.0 (specification, "Signature scheme").
public enum StandardWebhook {
    /// `v1,` and the Base64 of the HMAC-SHA256 of `id.timestamp.body`.
    ///
    /// - Parameters:
    ///   - id: the `webhook-id`, which must not hold a full stop.
    ///   - timestamp: the `webhook-timestamp`: Unix seconds of this attempt.
    ///   - body: the very bytes that are sent.
    public static func sign(id: String, timestamp: Int64, body: [UInt8], secret: WebhookSecret) -> String {
        let code = HMACSHA256.code(of: Array("\(id).\(timestamp).".utf8) + body, key: secret.bytes)
        return "v1," + Data(code).base64EncodedString()
    }

    /// The value of `webhook-signature`: a signature by each secret, the newest first. There are several while a secret is
    /// being rotated.
    public static func header(id: String, timestamp: Int64, body: [UInt8], secrets: [WebhookSecret]) -> String {
        secrets.map { sign(id: id, timestamp: timestamp, body: body, secret: $0) }.joined(separator: " ")
    }
}
