/// Where a delivery stands. The numbers are stored; never renumber them.
public enum DeliveryStatus: Int16, CaseIterable, Sendable {
    case pending = 0
    case delivered = 1
    /// Every attempt of the schedule was made, or too many waited for one.
    case failed = 2
    /// Its endpoint was disabled or deleted, or retention has dropped the event.
    case discarded = 3

    public var name: String {
        switch self {
        case .pending: "pending"
        case .delivered: "delivered"
        case .failed: "failed"
        case .discarded: "discarded"
        }
    }
}
