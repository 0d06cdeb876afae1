/// What one source of the chain says.
enum CredentialFinding {
    case found(AWSCredentials)
    /// The source is not set up here; the reason, for the message that lists all of them.
    case absent(String)
}
