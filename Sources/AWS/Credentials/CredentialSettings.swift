import FoundationEssentials

/// What the credential chain reads its surroundings from.
public struct CredentialSettings: Sendable {
    /// Environment variables.
    public var environment: [String: String]

    /// The folder that `~` stands for; `nil` if the user has none.
    public var homeFolder: String?

    /// The region whose STS assumes roles, where neither the profile nor the environment names one.
    public var region: String?

    /// Between two tries of one source.
    public var retryPause: Duration

    public init(
        environment: [String: String],
        homeFolder: String?,
        region: String? = nil,
        retryPause: Duration = .seconds(1)
    ) {
        self.environment = environment
        self.homeFolder = homeFolder
        self.region = region
        self.retryPause = retryPause
    }

    /// This process's environment and its user's home.
    public static func process(region: String? = nil) -> CredentialSettings {
        let environment = ProcessInfo.processInfo.environment
        return CredentialSettings(environment: environment, homeFolder: environment["HOME"], region: region)
    }

    /// The value of an environment variable; an empty one counts as missing.
    func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether an environment variable says yes.
    func flag(_ name: String) -> Bool {
        variable(name)?.lowercased() == "true"
    }

    /// `path` with a leading `~` replaced.
    func expanded(_ path: String) -> String {
        guard let homeFolder, path == "~" || path.hasPrefix("~/") else { return path }
        return homeFolder + path.dropFirst()
    }
}
