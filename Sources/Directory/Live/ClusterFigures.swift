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
    /// The quota in force, in recipients a second; nil while it is not known.
    public let rate: Double?
    public let leader: String?
    public let epoch: Int64?
    /// Why all its workers have stopped, if they have.
    public let parked: String?
    public let parkedDetail: String?
    /// In the order of the share tree; the first is the account itself, with path "".
    public let shares: [ShareFigures]

    public init(
        rate: Double?,
        leader: String?,
        epoch: Int64?,
        parked: String?,
        parkedDetail: String?,
        shares: [ShareFigures]
    ) {
        self.rate = rate
        self.leader = leader
        self.epoch = epoch
        self.parked = parked
        self.parkedDetail = parkedDetail
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
