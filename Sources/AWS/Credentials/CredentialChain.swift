import Logging
import Outbound

/// Looks for credentials where the AWS SDKs look, in botocore's order.
///
/// Every load looks again, so that keys that were replaced in a file are found when AWS refuses the old ones.
struct CredentialChain: Sendable {
    private let selection: CredentialSelection
    private let settings: CredentialSettings
    private let client: HTTPClient
    private let time: TimeSource
    private let logger: Logger

    init(
        _ selection: CredentialSelection,
        settings: CredentialSettings,
        client: HTTPClient,
        time: TimeSource,
        logger: Logger
    ) {
        self.selection = selection
        self.settings = settings
        self.client = client
        self.time = time
        self.logger = logger
    }

    /// - Throws: `noCredentials` when nothing is set up, otherwise what went wrong at the first source that is.
    func load() async throws(AWSError) -> AWSCredentials {
        switch selection {
        case .chain: return try await search()
        case .role(let arn): return try await assume(arn)
        case .profile(let name): return try await load(profile: name)
        }
    }

    private func assume(_ arn: String) async throws(AWSError) -> AWSCredentials {
        let role = try RoleRequest(
            roleARN: arn,
            sessionName: settings.variable("AWS_ROLE_SESSION_NAME"),
            place: "the account's credentials"
        )
        return try await sts.assume(role, with: try await search(), region: nil)
    }

    private func load(profile name: String) async throws(AWSError) -> AWSCredentials {
        let source = try profileSource()
        guard let profile = source.configuration.profile(name) else {
            throw AWSError(.noCredentials, "there is no profile \"\(name)\" in \(source.configuration.places)")
        }
        switch try await source.find(profile) {
        case .found(let credentials): return credentials
        case .absent(let reason): throw AWSError(.noCredentials, "no credentials found: looked at \(reason)")
        }
    }

    private func search() async throws(AWSError) -> AWSCredentials {
        var reasons: [String] = []
        func found(_ finding: CredentialFinding) -> AWSCredentials? {
            switch finding {
            case .found(let credentials): return credentials
            case .absent(let reason):
                reasons.append(reason)
                return nil
            }
        }
        // Before the files, so that keys in the environment work whatever the files are like.
        if let credentials = found(try EnvironmentSource(settings: settings).find()) { return credentials }
        let source = try profileSource()
        let chosen = settings.variable("AWS_PROFILE") ?? settings.variable("AWS_DEFAULT_PROFILE")
        let profile = source.configuration.profile(chosen ?? "default")
        if let chosen, profile == nil {
            throw AWSError(
                .noCredentials,
                "AWS_PROFILE names profile \"\(chosen)\", which is not in \(source.configuration.places)"
            )
        }
        if let profile, profile.assumesRole { return try await source.assumeRole(profile) }
        if let credentials = found(try await source.webIdentity.find(in: profile, usesEnvironment: true)) {
            return credentials
        }
        if let profile {
            if let credentials = found(try source.keys(of: profile)) { return credentials }
        } else {
            reasons.append("profile \"default\" in \(source.configuration.places) (there is none)")
        }
        if let credentials = found(try await source.container.find()) { return credentials }
        if let credentials = found(try await source.instance.find()) { return credentials }
        throw AWSError(
            .noCredentials,
            "no credentials found: looked at \(reasons.joined(separator: ", ")). Set AWS_ACCESS_KEY_ID and "
                + "AWS_SECRET_ACCESS_KEY, or name a profile or a role for the account"
        )
    }

    private var sts: STSClient {
        STSClient(settings: settings, client: client, time: time, logger: logger)
    }

    private func profileSource() throws(AWSError) -> ProfileSource {
        ProfileSource(
            configuration: try SharedConfiguration(settings),
            environment: EnvironmentSource(settings: settings),
            container: ContainerSource(settings: settings, client: client),
            instance: InstanceMetadataSource(settings: settings, client: client, logger: logger),
            webIdentity: WebIdentitySource(settings: settings, sts: sts),
            sts: sts
        )
    }
}
