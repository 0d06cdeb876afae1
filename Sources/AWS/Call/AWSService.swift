/// An AWS service: what it is called in signatures and in host names.
public struct AWSService: Hashable, Sendable {
    /// The name in the credential scope.
    public let signingName: String

    /// The first label of the host name.
    public let hostPrefix: String

    public init(signingName: String, hostPrefix: String) {
        self.signingName = signingName
        self.hostPrefix = hostPrefix
    }

    /// SES API v2.
    public static let ses = AWSService(signingName: "ses", hostPrefix: "email")

    /// SNS.
    public static let sns = AWSService(signingName: "sns", hostPrefix: "sns")

    /// SQS.
    public static let sqs = AWSService(signingName: "sqs", hostPrefix: "sqs")

    /// KMS.
    public static let kms = AWSService(signingName: "kms", hostPrefix: "kms")

    /// The service's URL in `region`, in the partition that the region is in.
    public func endpoint(region: String) -> String {
        let suffix =
            if region.hasPrefix("cn-") { "amazonaws.com.cn" } else if region.hasPrefix("eusc-") { "amazonaws.eu" } else
            {
                "amazonaws.com"
            }
        return "https://\(hostPrefix).\(region).\(suffix)"
    }
}
