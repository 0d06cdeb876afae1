import Coding
import Foundation
import Gateway
import Yams

/// Reads configuration files and lays the other sources over them: flags > environment > secrets directory > file >
/// defaults.
struct ConfigurationLoader {
    var environment = ProcessInfo.processInfo.environment

    /// Decodes a file strictly.
    /// - Throws: `CommandFailure` that names the file, the key, and what is wrong with it.
    func file(_ path: String) throws -> ConfigurationFile {
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            throw CommandFailure("the configuration file '\(path)' cannot be read: \(Self.reason(error))")
        }
        do {
            return try YAMLDecoder().decode(ConfigurationFile.self, from: text.isEmpty ? "{}" : text)
        } catch let error as DecodingError {
            let fault = DecodingFault(error)
            let place = fault.pointer.isEmpty ? "the document" : fault.pointer
            throw CommandFailure("\(path): \(place) \(fault.detail)")
        } catch {
            throw CommandFailure("\(path): \(error)")
        }
    }

    /// The path of the file to read: the flag, `SLUICE_CONFIG`, or `config/sluice.yaml`.
    func path(flag: String?) -> String { flag ?? environment["SLUICE_CONFIG"] ?? "config/sluice.yaml" }

    /// The node's configuration with all layers. A missing file is an error only when it was named.
    func node(_ options: NodeOptions) throws -> NodeConfiguration {
        let path = path(flag: options.config)
        let isNamed = options.config != nil || environment["SLUICE_CONFIG"] != nil
        let exists = FileManager.default.fileExists(atPath: path)
        var node = isNamed || exists ? try file(path).node : NodeConfiguration()
        if let url = options.databaseURL ?? environment["SLUICE_DATABASE_URL"] ?? secret("database_url") {
            node.database = .url(url)
        }
        node.publicListener =
            try listener(options.listenPublic, variable: "SLUICE_LISTEN_PUBLIC", flag: "--listen-public")
            ?? node.publicListener
        node.operatorListener =
            try listener(options.listenOperator, variable: "SLUICE_LISTEN_OPERATOR", flag: "--listen-operator")
            ?? node.operatorListener
        if let text = environment["SLUICE_PUBLIC_URL"] {
            guard let url = PublicURL(text) else {
                throw CommandFailure("SLUICE_PUBLIC_URL: '\(text)' is not a URL such as https://send.example.com")
            }
            node.publicURL = url.text
        }
        if let roles = options.roles ?? environment["SLUICE_ROLES"] { node.roles = try Self.roles(roles) }
        node.unknownGrace = try duration("SLUICE_UNKNOWN_GRACE") ?? node.unknownGrace
        node.shutdownGrace = try duration("SLUICE_SHUTDOWN_GRACE") ?? node.shutdownGrace
        if node.tracing != nil, let text = secret("otlp_headers") {
            node.tracing?.headers = try Self.headers(text)
        }
        return node
    }

    /// Lines of a name and a value, as `Authorization: Basic ...`.
    private static func headers(_ text: String) throws -> [NodeConfiguration.Tracing.Header] {
        let form = #/([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?)[ \t]*/#
        return try text.split(whereSeparator: \.isNewline).map { line in
            guard let match = line.wholeMatch(of: form) else {
                throw CommandFailure(
                    "the secret otlp_headers: a line is not a header such as 'Authorization: Basic ...'"
                )
            }
            return NodeConfiguration.Tracing.Header(name: String(match.output.1), value: String(match.output.2))
        }
    }

    private func listener(_ flagged: String?, variable: String, flag: String) throws -> ListenAddress? {
        guard let text = flagged ?? environment[variable] else { return nil }
        guard let address = try? ListenAddress(parsing: text) else {
            throw CommandFailure(
                "\(flagged == nil ? variable : flag): '\(text)' is not host:port, such as 127.0.0.1:8080"
            )
        }
        return address
    }

    private func duration(_ variable: String) throws -> Duration? {
        guard let text = environment[variable] else { return nil }
        guard let duration = DurationText(text) else {
            throw CommandFailure("\(variable): '\(text)' is not a duration such as 500ms, 20s, 5m, 12h or 7d")
        }
        return duration.duration
    }

    /// A file of the secrets directory (systemd's credentials, or a container's).
    private func secret(_ name: String) -> String? {
        let folder = environment["CREDENTIALS_DIRECTORY"] ?? "/run/secrets"
        guard let text = try? String(contentsOf: URL(filePath: "\(folder)/\(name)"), encoding: .utf8) else {
            return nil
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return trimmed.isEmpty ? nil : trimmed
    }

    private static func roles(_ text: String) throws -> [NodeConfiguration.Role] {
        try text.split(separator: ",").map { name in
            guard let role = NodeConfiguration.Role(rawValue: name.trimmingCharacters(in: .whitespaces)) else {
                let known = NodeConfiguration.Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandFailure("'\(name)' is no role; roles are \(known)")
            }
            return role
        }
    }

    private static func reason(_ error: any Error) -> String {
        (error as? CocoaError)?.code == .fileReadNoSuchFile ? "there is no such file" : "\(error.localizedDescription)"
    }
}
