/// What `/readyz` tells: the phase of the process and its checks. 200 when `isReady`, else 503.
public struct HealthReport: Sendable, Equatable, Encodable {
    /// Where the process is in its life; it only moves forward.
    public enum Phase: String, Sendable, Comparable, Encodable, CaseIterable {
        case starting
        case ready
        case draining

        public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

        private var order: Int {
            switch self {
            case .starting: 0
            case .ready: 1
            case .draining: 2
            }
        }
    }

    /// One thing the process needs, such as `database`.
    public enum Check: Sendable, Equatable, Encodable {
        /// Not looked at yet: not ready.
        case pending
        case passing
        /// With a reason for people; it must hold no secret.
        case failing(String)

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }

        public var description: String {
            switch self {
            case .pending: "pending"
            case .passing: "ok"
            case .failing(let reason): reason
            }
        }
    }

    public var phase: Phase
    public var checks: [String: Check]

    public init(phase: Phase, checks: [String: Check]) {
        self.phase = phase
        self.checks = checks
    }

    /// Ready to take requests: in phase `ready`, and every check passes.
    public var isReady: Bool { phase == .ready && checks.values.allSatisfy { $0 == .passing } }
}
