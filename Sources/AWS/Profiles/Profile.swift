/// One profile of the shared configuration: what `~/.aws/config` says, with `~/.aws/credentials` on top.
struct Profile {
    let name: String

    /// From the credentials file alone.
    let credentials: [String: String]

    /// From the config file alone.
    let config: [String: String]

    /// A value from either file; an empty one counts as missing.
    subscript(key: String) -> String? {
        (credentials[key] ?? config[key]).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether a role is to be assumed with the credentials of another profile or source.
    var assumesRole: Bool { self["role_arn"] != nil && self["web_identity_token_file"] == nil }

    var hasKeys: Bool { self["aws_access_key_id"] != nil && self["aws_secret_access_key"] != nil }

    /// The key of what is set up here and not supported, with its common name.
    var singleSignOn: String? {
        ["sso_session", "sso_start_url", "sso_account_id"].first { self[$0] != nil }
    }
}
