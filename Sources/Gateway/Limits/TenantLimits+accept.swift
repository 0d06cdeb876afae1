public import Directory
public import Outbox

extension TenantLimits {
    /// Those that accepting goes by.
    public var accept: AcceptLimits { AcceptLimits(queued: queued, daily: daily) }
}
