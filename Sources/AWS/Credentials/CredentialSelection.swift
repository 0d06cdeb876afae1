/// Which credentials an account uses.
public enum CredentialSelection: Hashable, Sendable {
    /// The first that the chain finds: environment, profile, web identity, container, instance metadata.
    case chain
    /// Those of one profile, and no others.
    case profile(String)
    /// A role, assumed with the credentials that the chain finds.
    case role(arn: String)
}
