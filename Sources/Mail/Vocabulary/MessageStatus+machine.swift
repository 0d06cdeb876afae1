extension MessageStatus {
    /// The place in the order of `merged(with:)`. Stored as `smallint`, so that SQL merges with `greatest`; never
    /// renumber.
    public var rank: Int16 {
        switch self {
        case .scheduled: 0
        case .queued: 10
        case .sending: 20
        case .unknown: 30
        case .expired: 40
        case .canceled: 41
        case .suppressed: 42
        case .failed: 43
        case .sent: 50
        case .delayed: 60
        case .rejected: 70
        case .delivered: 80
        case .bounced: 90
        case .complained: 100
        }
    }

    /// Takes a stored rank; nil for a number that no status has.
    public init?(rank: Int16) {
        guard let match = Self.allCases.first(where: { $0.rank == rank }) else { return nil }
        self = match
    }

    /// Whether SES said so, which nothing but stronger evidence overrides.
    public var isEvidence: Bool { rank >= MessageStatus.sent.rank }

    /// Whether no attempt is waiting, under way or in doubt any more. Late evidence may still move a final status up.
    public var isFinal: Bool { rank >= MessageStatus.expired.rank }

    /// Whether the row waits for its turn or its time, so that it can be canceled and can expire.
    public var isWaiting: Bool { rank <= MessageStatus.queued.rank }

    /// What both facts together say: the one of higher rank. Commutative, associative and idempotent.
    public func merged(with other: MessageStatus) -> MessageStatus {
        rank >= other.rank ? self : other
    }

    /// What the status becomes when the row's owner reports `next`: evidence stays unless `next` is stronger
    /// evidence; a step the machine does not know leaves the status as it is.
    public func settled(as next: MessageStatus) -> MessageStatus {
        if isEvidence || next.isEvidence { return merged(with: next) }
        return ownerSteps.contains(next) ? next : self
    }

    /// The steps of the row's owner, besides evidence.
    private var ownerSteps: Set<MessageStatus> {
        switch self {
        case .scheduled: [.queued, .sending, .expired, .canceled, .suppressed, .failed]
        case .queued: [.sending, .unknown, .expired, .canceled, .suppressed, .failed]
        case .sending: [.queued, .unknown, .expired, .suppressed, .failed]
        case .unknown: [.queued, .expired, .failed]
        default: []
        }
    }
}
