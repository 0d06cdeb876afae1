/// A role assumed with the identity token of an EKS pod or another OpenID Connect provider.
struct WebIdentitySource {
    let settings: CredentialSettings
    let sts: STSClient

    /// - Parameter usesEnvironment: `false` for a profile that was asked for by name.
    /// - Throws: `credentials` or `configuration` when it is set up and does not work.
    func find(in profile: Profile?, usesEnvironment: Bool) async throws(AWSError) -> CredentialFinding {
        func value(_ variable: String, _ key: String) -> String? {
            (usesEnvironment ? settings.variable(variable) : nil) ?? profile?[key]
        }
        guard let path = value("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else {
            return .absent("web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)")
        }
        guard let arn = value("AWS_ROLE_ARN", "role_arn") else {
            throw AWSError(
                .configuration,
                "there is a web identity token file, but no role: set AWS_ROLE_ARN or role_arn"
            )
        }
        let role = try RoleRequest(
            roleARN: arn,
            sessionName: value("AWS_ROLE_SESSION_NAME", "role_session_name"),
            seconds: profile?["duration_seconds"],
            place: "web identity"
        )
        // Read for each call: the token is replaced every hour or so.
        let token = try TokenFile.read(settings.expanded(path))
        return .found(try await sts.assume(role, webIdentityToken: token, region: profile?["region"]))
    }
}
