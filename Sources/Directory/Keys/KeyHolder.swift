/// Whose keys are looked at.
public enum KeyHolder: Equatable, Sendable {
    /// A tenant's; with a test key, its test keys only.
    case tenant(Int32, onlyTest: Bool)
    /// Everybody's, for those who run the gateway.
    case anybody
}
