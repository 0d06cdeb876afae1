/// Why an entry waits in `deferred`. The numbers are stored; never renumber them.
public enum DeferredReason: Int16, Sendable {
    case scheduled = 0
    case retry = 1
    /// An attempt may have reached SES; the tenant's policy decides when the grace is over.
    case unknown = 2
}
