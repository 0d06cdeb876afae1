import Signing

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary credentials, `AWS_SESSION_TOKEN`.
struct EnvironmentSource {
    let settings: CredentialSettings

    /// - Throws: `credentials` when there is a key without its secret.
    func find() throws(AWSError) -> CredentialFinding {
        guard let id = settings.variable("AWS_ACCESS_KEY_ID") else {
            return .absent("environment (AWS_ACCESS_KEY_ID is not set)")
        }
        guard let secret = settings.variable("AWS_SECRET_ACCESS_KEY") else {
            throw AWSError(
                .credentials,
                "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both or neither"
            )
        }
        let token = settings.variable("AWS_SESSION_TOKEN") ?? settings.variable("AWS_SECURITY_TOKEN")
        let keys = SigV4Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token)
        return .found(AWSCredentials(keys: keys, source: "environment"))
    }
}
