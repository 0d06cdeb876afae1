import Signing

/// A profile of the shared files: its own keys, or a role assumed with those of another profile or source.
struct ProfileSource {
    let configuration: SharedConfiguration
    let environment: EnvironmentSource
    let container: ContainerSource
    let instance: InstanceMetadataSource
    let webIdentity: WebIdentitySource
    let sts: STSClient

    /// Everything that the profile itself can give, in botocore's order.
    ///
    /// - Parameter visited: the profiles that led here by `source_profile`.
    func find(_ profile: Profile, visited: [String] = []) async throws(AWSError) -> CredentialFinding {
        // The keys of a profile that another names as its source come before that profile's own role.
        if profile.assumesRole, visited.isEmpty || !profile.hasKeys {
            return .found(try await assumeRole(profile, visited: visited))
        }
        if case .found(let credentials) = try await webIdentity.find(in: profile, usesEnvironment: false) {
            return .found(credentials)
        }
        return try keys(of: profile)
    }

    /// The role of `profile`, assumed with the credentials that it says.
    func assumeRole(_ profile: Profile, visited: [String] = []) async throws(AWSError) -> AWSCredentials {
        let place = "profile \"\(profile.name)\""
        guard profile["mfa_serial"] == nil else {
            throw AWSError(
                .configuration,
                "\(place) asks for a one-time code (mfa_serial), which a server cannot enter"
            )
        }
        let role = try RoleRequest(
            roleARN: profile["role_arn"] ?? "",
            sessionName: profile["role_session_name"],
            externalID: profile["external_id"],
            seconds: profile["duration_seconds"],
            place: place
        )
        let base: AWSCredentials
        switch (profile["source_profile"], profile["credential_source"]) {
        case (let source?, nil):
            base = try await sourceProfile(source, of: profile, visited: visited)
        case (nil, let source?):
            base = try await credentialSource(source, place: place)
        case (nil, nil):
            throw AWSError(.configuration, "\(place) has role_arn, but neither source_profile nor credential_source")
        case (_?, _?):
            throw AWSError(.configuration, "\(place) has both source_profile and credential_source: keep one")
        }
        return try await sts.assume(role, with: base, region: profile["region"])
    }

    /// The keys in the files; what is set up in a way that is not supported is an error.
    func keys(of profile: Profile) throws(AWSError) -> CredentialFinding {
        let place = "profile \"\(profile.name)\""
        func unsupported(_ what: String) -> AWSError {
            AWSError(
                .configuration,
                "\(place) uses \(what), which is not supported: use keys, role_arn or web_identity_token_file, or other sources"
            )
        }
        if let key = profile.singleSignOn { throw unsupported("IAM Identity Center (\(key))") }
        if let found = try Self.keys(in: profile.credentials, place: place) { return .found(found) }
        if profile["login_session"] != nil { throw unsupported("a console login (login_session)") }
        if profile["credential_process"] != nil { throw unsupported("credential_process") }
        if let found = try Self.keys(in: profile.config, place: place) { return .found(found) }
        return .absent("\(place) in \(configuration.places) (it has no keys)")
    }

    private static func keys(in values: [String: String], place: String) throws(AWSError) -> AWSCredentials? {
        guard let id = values["aws_access_key_id"], !id.isEmpty else { return nil }
        guard let secret = values["aws_secret_access_key"], !secret.isEmpty else {
            throw AWSError(.credentials, "\(place) has aws_access_key_id, but no aws_secret_access_key beside it")
        }
        let token = [values["aws_session_token"], values["aws_security_token"]].compactMap { $0 }.first { !$0.isEmpty }
        return AWSCredentials(
            keys: SigV4Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token),
            source: place
        )
    }

    private func sourceProfile(
        _ name: String,
        of profile: Profile,
        visited: [String]
    ) async throws(AWSError) -> AWSCredentials {
        guard let source = configuration.profile(name) else {
            throw AWSError(
                .configuration,
                "profile \"\(profile.name)\" names source_profile \"\(name)\", which is not in \(configuration.places)"
            )
        }
        let path = visited + [profile.name]
        // A profile may be its own source when it has keys beside its role.
        guard !path.contains(name) || (name == profile.name && source.hasKeys) else {
            throw AWSError(
                .configuration,
                "the source profiles go round in a circle: \((path + [name]).joined(separator: " -> "))"
            )
        }
        guard case .found(let credentials) = try await find(source, visited: path) else {
            throw AWSError(.credentials, "source profile \"\(name)\" has no credentials in \(configuration.places)")
        }
        return credentials
    }

    private func credentialSource(_ name: String, place: String) async throws(AWSError) -> AWSCredentials {
        let finding: CredentialFinding
        switch name {
        case "Environment": finding = try environment.find()
        case "EcsContainer": finding = try await container.find()
        case "Ec2InstanceMetadata": finding = try await instance.find()
        default:
            throw AWSError(
                .configuration,
                "\(place): credential_source is '\(name)' instead of Environment, EcsContainer or Ec2InstanceMetadata"
            )
        }
        switch finding {
        case .found(let credentials): return credentials
        case .absent(let reason): throw AWSError(.credentials, "\(place): its credential_source has nothing: \(reason)")
        }
    }
}
