import AWS

/// Where SNS itself answers for a topic: `https://sns.REGION.amazonaws.com` or as the partition has it. A URL is Amazon's
/// if it begins with exactly that; so nothing of a URL from outside is taken apart.
struct SNSOrigin: Sendable, Equatable {
    let region: String
    /// Scheme and host, without a slash.
    let text: String
    private let suffix: String

    /// Nil for what is no topic's ARN.
    init?(topic: String) {
        let parts = topic.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "sns", parts[3].utf8.count >= 3,
            parts[3].utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }),
            parts[4].utf8.count == 12, parts[4].utf8.allSatisfy({ (0x30...0x39).contains($0) }), !parts[5].isEmpty
        else { return nil }
        region = String(parts[3])
        text = AWSService.sns.endpoint(region: region)
        suffix = String(text.dropFirst("https://sns.\(region).".count))
    }

    /// Whether the URL names a certificate there: `/SimpleNotificationService-0123abcd.pem`.
    func isCertificate(_ url: String) -> Bool {
        guard url.utf8.starts(with: (text + "/").utf8), url.utf8.suffix(4).elementsEqual(".pem".utf8) else {
            return false
        }
        let name = url.utf8.dropFirst(text.utf8.count + 1).dropLast(4)
        return !name.isEmpty && name.count <= 200
            && name.allSatisfy {
                $0 == 0x2D || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            }
    }

    /// Whether the URL asks SNS to confirm a subscription.
    func isConfirmation(_ url: String) -> Bool { Self.isConfirmation(url, at: text) }

    /// Whether the URL asks whoever answers at `origin` (scheme, host and port) to confirm a subscription.
    static func isConfirmation(_ url: String, at origin: String) -> Bool {
        url.utf8.starts(with: (origin + "/").utf8)
            && url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    }

    /// Whom a certificate of SNS in the region may be for. Most regions have `sns.amazonaws.com`; those that an account has to
    /// opt into, China and GovCloud have names of their own (aws-sdk-java-v2, `SnsHostProvider`).
    var certificateNames: [String] {
        ["sns.amazonaws.com", "sns.\(region).\(suffix)", "sns-signing.\(region).\(suffix)", "sns-\(region).\(suffix)"]
            + (region.hasPrefix("us-gov-") ? ["sns-us-gov-west-1.\(suffix)"] : [])
    }
}
