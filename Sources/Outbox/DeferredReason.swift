import Postgres

/// Why an entry waits in `deferred`. The numbers are stored; never renumber them.
public enum DeferredReason: Int16, Sendable {
    case scheduled = 0
    case retry = 1
    /// An attempt may have reached SES; the tenant's policy decides when the grace is over.
    case unknown = 2
    /// The same of what waited in a database that was restored; how long for is the operator's decision.
    case restored = 3

    /// Those of entries that may have been sent, for `IN`.
    static var inDoubt: SQL { "(\(unknown.rawValue), \(restored.rawValue))" }
}
