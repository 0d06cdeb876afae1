/// Looks at every half-open window that ends at a send: two pointers over all timestamps, never buckets.
public struct WindowScan: Sendable, Equatable {
    /// The most recipients that may be in a window, from an instant on.
    public struct Limit: Sendable, Equatable {
        public var from: Int64
        public var recipients: Int

        public init(from: Int64 = .min, recipients: Int) {
            self.from = from
            self.recipients = recipients
        }
    }

    /// The most recipients in any window.
    public private(set) var most = 0
    /// How many windows, each ending at another send, held more than was allowed.
    public private(set) var over = 0
    /// The end of the last such window.
    public private(set) var lastOver: Int64?

    /// - Parameters:
    ///   - sends: in the order of their instants.
    ///   - length: of the window, in nanoseconds.
    ///   - limits: in the order of `from`. A window that reaches over a change may hold what the larger one allows.
    public init(_ sends: some Sequence<(at: Int64, recipients: Int)>, length: Int64, limits: [Limit]) {
        let sends = Array(sends)
        var first = 0
        var held = 0
        for send in sends {
            held += send.recipients
            while send.at - sends[first].at >= length {
                held -= sends[first].recipients
                first += 1
            }
            most = max(most, held)
            if held > Self.limit(limits, from: sends[first].at, to: send.at) {
                over += 1
                lastOver = send.at
            }
        }
    }

    private static func limit(_ limits: [Limit], from: Int64, to: Int64) -> Int {
        var allowed = Int.max
        for (index, limit) in limits.enumerated() where limit.from <= to {
            let end = index + 1 < limits.count ? limits[index + 1].from : .max
            if end > from { allowed = allowed == .max ? limit.recipients : max(allowed, limit.recipients) }
        }
        return allowed
    }
}
