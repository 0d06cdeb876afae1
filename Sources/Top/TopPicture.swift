public import Foundation

/// What is shown of one instant: figures only, as they were read. Nothing of it is computed from what is on the screen.
public struct TopPicture: Encodable, Sendable, Equatable {
    public struct Account: Encodable, Sendable, Equatable {
        public var name: String
        /// Recipients a second as configured; nil: as SES says.
        public var quota: Double?
        /// What of it is in force; nil while it is not known.
        public var rateInForce: Double?
        public var leader: String?
        public var isPaused = false
        public var parked: String?
        public var parkedDetail: String?
        public var isSandbox = false
        public var isSendingDisabled = false
        /// Of 24 hours, as SES says or as configured; nil when it is not known, -1 for no limit.
        public var dailyQuota: Int?
        public var dailyUsed = 0
        /// In the order of the tree; the first is the account itself.
        public var shares: [Share] = []
        public var feedback = Feedback()

        public init(name: String) { self.name = name }

        /// Recipients a second over the last five seconds.
        public var used: Double { shares.reduce(0) { $0 + $1.used } }
        public var granted: Int { shares.reduce(0) { $0 + $1.granted } }
        /// Whether less is in force than is configured: SES refuses, or somebody else uses the account.
        public var isCut: Bool { quota.map { quota in rateInForce.map { $0 < quota - 0.5 } ?? false } ?? false }
    }

    public struct Share: Encodable, Sendable, Equatable {
        /// "" is the account itself: what no share is promised.
        public var path: String
        public var rate: Int?
        /// nil: the parent's.
        public var ceiling: Int?
        public var granted = 0
        public var used = 0.0
        public var borrowed = 0
        public var lent = 0
        public var waiting = 0
        public var oldestAt: Date?

        public init(path: String) { self.path = path }
    }

    /// What SES has said lately of an account's mail.
    public struct Feedback: Encodable, Sendable, Equatable {
        /// Nothing tells what becomes of the account's mail.
        public var isConfigured = false
        public var lastSendAt: Date?
        public var lastEventAt: Date?
        /// Of so many sends that should have had some word by now, how many have had none.
        public var looked = 0
        public var missing = 0

        public init() {}

        /// By how much the newest event is behind the newest send, in seconds.
        public var lag: Double? {
            guard let lastSendAt, isConfigured else { return nil }
            guard let lastEventAt else { return .infinity }
            return max(0, lastSendAt.timeIntervalSince(lastEventAt))
        }

        private enum CodingKeys: CodingKey {
            case isConfigured, lastSendAt, lastEventAt, looked, missing
        }
    }

    public struct Lane: Encodable, Sendable, Equatable {
        public var name: String
        /// Recipients that wait for credits, counted up to 100,000 entries.
        public var ready = 0
        /// Entries that wait for a time.
        public var deferred = 0
        public var oldestAt: Date?
        /// Recipients a second that the lane gets now.
        public var rate = 0.0

        public init(name: String) { self.name = name }

        /// In how many seconds it is empty if nothing changes; nil when it gets nothing.
        public var eta: Double? { rate > 0 ? Double(ready) / rate : nil }
    }

    public struct Node: Encodable, Sendable, Equatable {
        public var name: String
        public var startedAt: Date
        public var roles: [String] = []
        /// Accounts that it leads.
        public var leads: [String] = []
        public var granted = 0
        public var isDraining = false
        /// Why it sends nothing for an account, by the account.
        public var parked: [String: String] = [:]

        public init(name: String, startedAt: Date) {
            self.name = name
            self.startedAt = startedAt
        }
    }

    /// Recipients by what became of them; nil where two pictures are needed to tell.
    public struct Outcomes: Encodable, Sendable, Equatable {
        /// How long a time that is.
        public var seconds = 60.0
        public var sent = 0
        public var notSent = 0
        public var unknown = 0
        /// Calls that SES refused for the rate.
        public var throttled: Int?
        public var delivered: Int?
        public var bounced: Int?
        public var complained: Int?

        public init() {}
    }

    public struct Webhook: Encodable, Sendable, Equatable {
        public var tenant: String
        public var id: String
        public var host: String
        /// `failing`, or why it is disabled: `disabled: gone`.
        public var state: String
        public var since: Date?
        /// In a row.
        public var failures = 0

        public init(tenant: String, id: String, host: String, state: String) {
            self.tenant = tenant
            self.id = id
            self.host = host
            self.state = state
        }
    }

    /// By the database's clock.
    public var at: Date
    public var accounts: [Account] = []
    /// Every lane in which something waits.
    public var lanes: [Lane] = []
    public var nodes: [Node] = []
    public var outcomes = Outcomes()
    /// Those that fail, or were disabled for failing.
    public var webhooks: [Webhook] = []

    public init(at: Date) { self.at = at }

    public var waiting: Int { lanes.reduce(0) { $0 + $1.ready } }
    public var oldestAt: Date? { lanes.compactMap(\.oldestAt).min() }
}
