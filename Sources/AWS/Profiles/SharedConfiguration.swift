import FoundationEssentials

/// The AWS configuration files: `~/.aws/credentials` and `~/.aws/config`, or where the environment says they are.
struct SharedConfiguration {
    let credentialsPath: String?
    let configPath: String?
    private let credentials: INIDocument
    private let config: INIDocument

    /// - Throws: `configuration` for a file that is there and cannot be read. A missing one is empty.
    init(_ settings: CredentialSettings) throws(AWSError) {
        func path(_ variable: String, _ name: String) -> String? {
            settings.variable(variable).map(settings.expanded) ?? settings.homeFolder.map { $0 + "/.aws/" + name }
        }
        credentialsPath = path("AWS_SHARED_CREDENTIALS_FILE", "credentials")
        configPath = path("AWS_CONFIG_FILE", "config")
        credentials = try Self.read(credentialsPath)
        config = try Self.read(configPath)
    }

    /// The profile called `name`, or `nil` if neither file has it. In the config file the section is `[profile NAME]`.
    func profile(_ name: String) -> Profile? {
        let fromConfig = config.sections["profile \(name)"] ?? (name == "default" ? config.sections[name] : nil)
        let fromCredentials = credentials.sections[name]
        guard fromConfig != nil || fromCredentials != nil else { return nil }
        return Profile(name: name, credentials: fromCredentials ?? [:], config: fromConfig ?? [:])
    }

    /// The files, for messages.
    var places: String {
        [credentialsPath, configPath].compactMap { $0 }.joined(separator: " or ")
    }

    private static func read(_ path: String?) throws(AWSError) -> INIDocument {
        guard let path, FileManager.default.fileExists(atPath: path) else { return INIDocument(parsing: "") }
        guard let content = FileManager.default.contents(atPath: path),
            let text = String(validating: content, as: UTF8.self)
        else {
            throw AWSError(.configuration, "\(path) cannot be read as text: check its owner, mode and encoding")
        }
        return INIDocument(parsing: text)
    }
}
