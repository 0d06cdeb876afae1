/// What is unlike other servers in one that is made for faults.
struct DatabasePlan: Sendable {
    /// More settings, `name=value`.
    var settings: [String] = []
    /// More arguments of `initdb`.
    var initialisation: [String] = []
    var environment: [String: String] = [:]
    /// Whether its data are on a small file system of their own, which can be filled.
    var hasSmallDisk = false
}
