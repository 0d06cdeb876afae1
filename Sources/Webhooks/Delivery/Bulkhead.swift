import Postgres

/// What this node has under way for each endpoint, and hence what it may claim: so much that a quick endpoint is kept busy,
/// so little that slow ones leave room for all others.
///
/// Two rules keep slow endpoints from taking every slot. The fewer slots are free, the fewer one endpoint gets, so that many
/// that begin to hang at once do not get the last ones. And one that was found slow gets one at a time for a while, and all
/// of those together three quarters. One that answers quickly, every time, is given more at once, little by little.
struct Bulkhead {
    /// Requests under way at once.
    static let total = 512
    /// Those of one endpoint that nothing is known of yet, and of one that is as quick as can be.
    static let slots: Int = 8
    static let mostSlots = 32
    /// An endpoint gets at most this part of the free slots, a quick one twice as much.
    static let part = 32
    /// An endpoint is quick while its requests take no longer.
    static let quick = Duration.milliseconds(250)
    static let widthMemory = Duration.seconds(10)
    /// Requests to slow endpoints under way at once.
    static let slowTotal = total / 4 * 3
    /// An endpoint is slow for `slowMemory` after a request that took so long.
    static let slow = Duration.seconds(2)
    static let slowMemory = Duration.seconds(60)
    /// Deliveries of replays to one endpoint, a second.
    static let replayRate = 10

    private struct Load {
        var requests = 0
        var replays = 0
        /// Grows by one with each quick answer.
        var width: Int = Bulkhead.slots
        var endedAt: ContinuousClock.Instant?
        var pace: Pace?
        var replayPace: Pace?
        var slowUntil: ContinuousClock.Instant?
        var restsUntil: ContinuousClock.Instant?

        func isSlow(_ now: ContinuousClock.Instant) -> Bool { slowUntil.map { $0 > now } ?? false }
        func rests(_ now: ContinuousClock.Instant) -> Bool { restsUntil.map { $0 > now } ?? false }

        func isForgettable(_ now: ContinuousClock.Instant) -> Bool {
            requests == 0 && (width == Bulkhead.slots || endedAt.map { $0 + Bulkhead.widthMemory <= now } == true)
                && !isSlow(now) && !rests(now) && pace?.isRested(now: now) != false
                && replayPace?.isRested(now: now) != false
        }
    }

    /// An endpoint that this node knows something of.
    struct Limit: Equatable {
        let endpointID: PostgresUUID
        let inFlight: Int
        /// How many may be under way.
        let slots: Int
        /// How many more may start now; nil when only the slots limit it.
        let allowance: Int?
        let mayReplay: Bool
    }

    private var loads: [PostgresUUID: Load] = [:]
    private(set) var inFlight = 0
    /// The slow endpoint that was offered the last slot, where there were too few for all.
    private var slowTurn: PostgresUUID?

    var free: Int { max(0, Self.total - inFlight) }

    /// Requests that an endpoint may have under way of which nothing is known.
    var slots: Int { slotsNow(of: Self.slots) }

    private func slotsNow(of width: Int) -> Int {
        min(width, max(1, free / Self.part * (width > Self.slots ? 2 : 1)))
    }

    /// The endpoints to which more applies than `slots`. Forgets those to which nothing does any more.
    mutating func limits(now: ContinuousClock.Instant) -> [Limit] {
        loads = loads.filter { !$0.value.isForgettable(now) }
        let slow = slowAllowed(now: now)
        return loads.map { id, load in
            Limit(
                endpointID: id,
                inFlight: load.requests,
                slots: slotsNow(of: load.width),
                allowance: allowance(load, isAllowed: slow.contains(id), now: now),
                mayReplay: load.replays == 0 && (load.replayPace?.allowance(now: now) ?? 1) > 0
            )
        }
    }

    /// The slow endpoints that may start one now. Where there are too few slots for all, they take turns.
    private mutating func slowAllowed(now: ContinuousClock.Instant) -> Set<PostgresUUID> {
        let slow = loads.filter { $0.value.isSlow(now) }
        let free = max(0, Self.slowTotal - slow.values.reduce(0) { $0 + $1.requests })
        var idle = slow.filter { $0.value.requests == 0 && !$0.value.rests(now) }.map(\.key)
        guard idle.count > free else { return Set(idle) }
        guard free > 0 else { return [] }
        func key(_ id: PostgresUUID) -> (UInt64, UInt64) { (id.high, id.low) }
        idle.sort { key($0) < key($1) }
        let first = slowTurn.flatMap { turn in idle.firstIndex { key($0) > key(turn) } } ?? 0
        let allowed = (first..<first + free).map { idle[$0 % idle.count] }
        slowTurn = allowed.last
        return Set(allowed)
    }

    private func allowance(_ load: Load, isAllowed: Bool, now: ContinuousClock.Instant) -> Int? {
        if load.rests(now) { return 0 }
        let ofRate = load.pace?.allowance(now: now)
        guard load.isSlow(now) else { return ofRate }
        return min(isAllowed ? 1 : 0, ofRate ?? 1)
    }

    mutating func start(_ endpoint: PostgresUUID, isReplay: Bool, maxRate: Int?, now: ContinuousClock.Instant) {
        var load = loads[endpoint] ?? Load()
        load.requests += 1
        inFlight += 1
        if load.pace?.rate != maxRate { load.pace = maxRate.map { Pace(rate: $0, now: now) } }
        load.pace?.take(now: now)
        if isReplay {
            load.replays += 1
            if load.replayPace == nil { load.replayPace = Pace(rate: Self.replayRate, now: now) }
            load.replayPace?.take(now: now)
        }
        loads[endpoint] = load
    }

    /// - Parameter rest: how long nothing more is to be started, before the result that says so is written.
    mutating func end(
        _ endpoint: PostgresUUID,
        isReplay: Bool,
        after duration: Duration,
        isSuccess: Bool,
        rest: Duration? = nil,
        now: ContinuousClock.Instant
    ) {
        guard var load = loads[endpoint] else { return }
        load.requests -= 1
        inFlight -= 1
        if isReplay { load.replays -= 1 }
        load.slowUntil = duration >= Self.slow ? now + Self.slowMemory : nil
        load.width = isSuccess && duration <= Self.quick ? min(Self.mostSlots, load.width + 1) : Self.slots
        load.endedAt = now
        if let rest { load.restsUntil = max(load.restsUntil ?? now, now + rest) }
        loads[endpoint] = load
    }
}
