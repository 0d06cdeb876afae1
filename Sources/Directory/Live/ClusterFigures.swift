public import struct Foundation.Date

/// What one share does now, as people see it.
public struct ShareFigures: Sendable, Equatable {
    public let path: String
    /// Credits that it may use now, on all nodes.
    public let granted: Int
    /// Credits that are still with nodes: those granted, and those that cool on their way back.
    public let held: Int
    /// Credits that nodes have said they have a use for.
    public let wanted: Int
    public let borrowed: Int
    public let lent: Int
    /// Recipients a second over the last five seconds.
    public let used: Double
    /// Recipients that wait in the share's lanes.
    public let backlog: Int
    public let oldestAt: Date?

    public init(
        path: String,
        granted: Int,
        held: Int,
        wanted: Int,
        borrowed: Int,
        lent: Int,
        used: Double,
        backlog: Int,
        oldestAt: Date?
    ) {
        self.path = path
        self.granted = granted
        self.held = held
        self.wanted = wanted
        self.borrowed = borrowed
        self.lent = lent
        self.used = used
        self.backlog = backlog
        self.oldestAt = oldestAt
    }
}

/// What one account does now.
public struct AccountFigures: Sendable, Equatable {
    /// What SES said last of an `auto` account, and what was used of the 24-hour quota.
    public struct SESFigures: Sendable, Equatable {
        /// Recipients must be verified; nil when SES was not asked.
        public let isSandbox: Bool?
        public let isSendingEnabled: Bool?
        /// Recipients in 24 hours that SES allows, -1 for no limit; nil when it was not asked.
        public let daily: Int64?
        /// Recipients of the last 24 hours, as we know them: leased by our workers, or what SES said if that is more.
        public let used: Int64

        public init(isSandbox: Bool? = nil, isSendingEnabled: Bool? = nil, daily: Int64? = nil, used: Int64 = 0) {
            self.isSandbox = isSandbox
            self.isSendingEnabled = isSendingEnabled
            self.daily = daily
            self.used = used
        }
    }

    /// The quota in force, in recipients a second; nil while it is not known.
    public let rate: Double?
    public let leader: String?
    public let epoch: Int64?
    /// Why all its workers have stopped, if they have.
    public let parked: String?
    public let parkedDetail: String?
    public let ses: SESFigures
    /// In the order of the share tree; the first is the account itself, with path "".
    public let shares: [ShareFigures]

    public init(
        rate: Double?,
        leader: String?,
        epoch: Int64?,
        parked: String?,
        parkedDetail: String?,
        ses: SESFigures = SESFigures(),
        shares: [ShareFigures]
    ) {
        self.rate = rate
        self.leader = leader
        self.epoch = epoch
        self.parked = parked
        self.parkedDetail = parkedDetail
        self.ses = ses
        self.shares = shares
    }
}

/// One entry of the loan ledger. Paths of shares; "" is the account: what no share is promised.
public struct LoanEntry: Sendable, Equatable {
    public let id: Int64
    public let lender: String
    public let borrower: String
    public let credits: Int
    public let from: Date
    public let to: Date?

    public init(id: Int64, lender: String, borrower: String, credits: Int, from: Date, to: Date?) {
        self.id = id
        self.lender = lender
        self.borrower = borrower
        self.credits = credits
        self.from = from
        self.to = to
    }
}

/// One life of a node.
public struct NodeFigures: Sendable, Equatable {
    public struct Work: Sendable, Equatable {
        public let account: String
        public let isLeader: Bool
        public let isDraining: Bool
        public let parked: String?
        public let granted: Int
        /// Shares that are placed on the node.
        public let shares: [String]

        public init(account: String, isLeader: Bool, isDraining: Bool, parked: String?, granted: Int, shares: [String])
        {
            self.account = account
            self.isLeader = isLeader
            self.isDraining = isDraining
            self.parked = parked
            self.granted = granted
            self.shares = shares
        }
    }

    public let name: String
    public let epoch: Int64
    public let roles: [String]
    public let startedAt: Date
    public let work: [Work]

    public init(name: String, epoch: Int64, roles: [String], startedAt: Date, work: [Work]) {
        self.name = name
        self.epoch = epoch
        self.roles = roles
        self.startedAt = startedAt
        self.work = work
    }
}
