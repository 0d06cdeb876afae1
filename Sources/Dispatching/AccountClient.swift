public import AWS
public import Directory
public import Logging
public import Outbound
public import SES

/// An account's way to SES: the client, and the credentials that the account's configuration selects.
public struct AccountClient: Sendable {
    public let ses: SESClient
    public let credentials: CredentialProvider

    /// - Parameter settings: where credentials are looked for; the region is the account's.
    /// - Throws: `AWSError.configuration` for a region or an endpoint that cannot be used.
    public init(
        _ account: Account,
        settings: CredentialSettings,
        http: HTTPClient,
        logger: Logger
    ) throws(AWSError) {
        credentials = Self.credentials(of: account, settings: settings, http: http, logger: logger)
        let aws = try AWSClient(
            .ses,
            region: account.awsRegion,
            endpoint: account.endpoint,
            credentials: credentials,
            client: http,
            logger: logger
        )
        ses = SESClient(aws: aws, configurationSet: account.configurationSet)
    }

    /// The credentials that the account's configuration selects, for whatever service of the account.
    public static func credentials(
        of account: Account,
        settings: CredentialSettings,
        http: HTTPClient,
        logger: Logger
    ) -> CredentialProvider {
        let selection: CredentialSelection =
            switch account.credentials {
            case .profile(let name): .profile(name)
            case .role(let arn): .role(arn: arn)
            case nil: .chain
            }
        var settings = settings
        settings.region = account.awsRegion
        return CredentialProvider(selection, settings: settings, client: http, logger: logger)
    }
}
