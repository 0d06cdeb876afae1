/// What a tenant's limits leave of room, and what of it a flush has given away.
struct TenantRoom {
    /// Mail leaves a queue all the time, so a full one is worth another try soon.
    private static let queueRetryAfter = 5

    private let limits: AcceptLimits
    private var waiting: Int
    private var day: DayUse

    /// - Parameter waiting: recipients that wait now.
    init(_ limits: AcceptLimits, waiting: Int, day: DayUse) {
        self.limits = limits
        self.waiting = waiting
        self.day = day
    }

    /// Why so many recipients do not fit; nil when they do.
    func refusal(of recipients: Int) -> LimitRefusal? {
        guard recipients > 0 else { return nil }
        // The day first: with it spent, an empty queue is of no use.
        if let most = limits.daily, day.total + recipients > most {
            let seconds = day.seconds(until: recipients, fitIn: most)
            return LimitRefusal(limit: .daily, most: most, retryAfter: seconds)
        }
        if let most = limits.queued, waiting + recipients > most {
            return LimitRefusal(limit: .queued, most: most, retryAfter: Self.queueRetryAfter)
        }
        return nil
    }

    mutating func take(_ recipients: Int) {
        waiting += recipients
        day.take(recipients)
    }
}
