import Testing

@testable import Postgres

/// The pool's decisions, on a clock that the tests turn.
@Suite struct PoolStateTests {
    private let start = ContinuousClock.now
    private let down = PostgresError(.unavailable, "down")

    private func at(_ time: Duration) -> ContinuousClock.Instant {
        start.advanced(by: time)
    }

    private func state(connections: Int = 2, waiters: Int = 10) -> PoolState {
        var configuration = PostgresPoolConfiguration(maxConnections: connections)
        configuration.maxWaiters = waiters
        configuration.idleTimeout = .seconds(60)
        configuration.maxLifetime = .seconds(1000)
        configuration.pingInterval = .seconds(10)
        return PoolState(configuration, backoff: Backoff(first: .milliseconds(100), limit: .seconds(1)))
    }

    /// A state with so many connections, all in use.
    private func leased(_ count: Int, of limit: Int = 2) -> PoolState {
        var state = state(connections: limit)
        for id in 1...count {
            guard case .granted(.connect(id)) = state.acquire(id, now: start) else { continue }
            _ = state.connected(id, now: start, jitter: 1)
        }
        return state
    }

    @Test func opensUpToItsLimitAndThenLetsWait() {
        var state = state(waiters: 1)
        guard case .granted(.connect(1)) = state.acquire(1, now: start) else { return #expect(Bool(false)) }
        guard case .granted(.connect(2)) = state.acquire(2, now: start) else { return #expect(Bool(false)) }
        guard case .wait = state.acquire(3, now: start) else { return #expect(Bool(false)) }
        guard case .refused(.exhausted) = state.acquire(4, now: start) else { return #expect(Bool(false)) }
        #expect(state.statistics.connecting == 2)
        #expect(state.connected(1, now: start, jitter: 0).isEmpty)
        #expect(state.statistics.leased == 1)
        #expect(state.statistics.waiting == 1)
    }

    @Test func servesWaitersInTurnAndReusesTheLastConnectionFirst() {
        var state = leased(2)
        for waiter in 10...12 {
            guard case .wait = state.acquire(waiter, now: start) else { return #expect(Bool(false)) }
        }
        let abandoned = [state.abandon(10), state.abandon(10)]
        #expect(abandoned == [true, false])
        guard case .resume(11, .connection(2))? = state.released(2, isUsable: true, now: start).first
        else { return #expect(Bool(false)) }
        guard case .resume(12, .connection(1))? = state.released(1, isUsable: true, now: start).first
        else { return #expect(Bool(false)) }
        #expect(state.released(1, isUsable: true, now: start).isEmpty)
        #expect(state.released(2, isUsable: true, now: at(.seconds(1))).isEmpty)
        guard case .granted(.connection(2)) = state.acquire(13, now: at(.seconds(1)))
        else { return #expect(Bool(false)) }
        guard case .granted(.connection(1)) = state.acquire(14, now: at(.seconds(1)))
        else { return #expect(Bool(false)) }
    }

    @Test func aBrokenConnectionMakesRoomForTheNextWaiter() {
        var state = leased(2)
        guard case .wait = state.acquire(10, now: start) else { return #expect(Bool(false)) }
        let actions = state.released(1, isUsable: false, now: start)
        guard actions.count == 2, case .close(1) = actions[0], case .resume(10, .connect(3)) = actions[1]
        else { return #expect(Bool(false)) }
    }

    @Test func idleConnectionsAreAskedAfterALoss() {
        var state = leased(2)
        _ = state.released(1, isUsable: true, now: start)
        #expect(state.tick(now: at(.milliseconds(1))).isEmpty)
        _ = state.released(2, isUsable: false, now: at(.milliseconds(1)))
        guard case .check(1)? = state.tick(now: at(.milliseconds(2))).first else { return #expect(Bool(false)) }
    }

    @Test func callersFailAtOnceWhileTheServerIsDown() {
        var state = state()
        guard case .granted(.connect(1)) = state.acquire(1, now: start) else { return #expect(Bool(false)) }
        guard case .granted(.connect(2)) = state.acquire(2, now: start) else { return #expect(Bool(false)) }
        guard case .wait = state.acquire(3, now: start) else { return #expect(Bool(false)) }
        guard case .refuse(3, .unavailable)? = state.connectFailed(1, down, now: start, jitter: 1).first
        else { return #expect(Bool(false)) }
        // The other attempt was under way at the same time: it does not lengthen the pause.
        #expect(state.connectFailed(2, down, now: at(.milliseconds(1)), jitter: 1).isEmpty)
        #expect(!state.statistics.isAvailable)
        guard case .refused(.unavailable(let error)) = state.acquire(4, now: at(.milliseconds(99)))
        else { return #expect(Bool(false)) }
        #expect(error.message == "down")
        // After the pause one caller looks; the others still fail.
        guard case .granted(.connect(3)) = state.acquire(5, now: at(.milliseconds(100)))
        else { return #expect(Bool(false)) }
        guard case .refused(.unavailable) = state.acquire(6, now: at(.milliseconds(101)))
        else { return #expect(Bool(false)) }
        _ = state.connectFailed(3, down, now: at(.milliseconds(110)), jitter: 1)
        // Twice the pause.
        guard case .refused(.unavailable) = state.acquire(7, now: at(.milliseconds(309)))
        else { return #expect(Bool(false)) }
        guard case .granted(.connect(4)) = state.acquire(8, now: at(.milliseconds(310)))
        else { return #expect(Bool(false)) }
        #expect(state.connected(4, now: at(.milliseconds(320)), jitter: 1).isEmpty)
        #expect(state.statistics.isAvailable)
        guard case .granted(.connect(5)) = state.acquire(9, now: at(.milliseconds(320)))
        else { return #expect(Bool(false)) }
    }

    @Test func aMaintainedPoolLooksForTheServerItself() {
        var state = state()
        state.isMaintained = true
        guard case .granted(.connect(1)) = state.acquire(1, now: start) else { return #expect(Bool(false)) }
        _ = state.connectFailed(1, down, now: start, jitter: 1)
        #expect(state.nextTick(after: start) == at(.milliseconds(100)))
        guard case .refused(.unavailable) = state.acquire(2, now: at(.seconds(5))) else { return #expect(Bool(false)) }
        #expect(state.tick(now: at(.milliseconds(99))).isEmpty)
        guard case .connect(2)? = state.tick(now: at(.milliseconds(100))).first else { return #expect(Bool(false)) }
        #expect(state.tick(now: at(.milliseconds(101))).isEmpty)
        _ = state.connected(2, now: at(.milliseconds(110)), jitter: 1)
        #expect(state.released(2, isUsable: true, now: at(.milliseconds(110))).isEmpty)
        guard case .granted(.connection(2)) = state.acquire(3, now: at(.milliseconds(120)))
        else { return #expect(Bool(false)) }
    }

    @Test func aFullServerStopsOnlyNewConnections() {
        var state = leased(1)
        guard case .granted(.connect(2)) = state.acquire(2, now: start) else { return #expect(Bool(false)) }
        _ = state.connectFailed(2, down, now: start, jitter: 1)
        // The one connection that there is serves everybody.
        guard case .wait = state.acquire(3, now: start) else { return #expect(Bool(false)) }
        guard case .resume(3, .connection(1))? = state.released(1, isUsable: true, now: start).first
        else { return #expect(Bool(false)) }
        guard case .wait = state.acquire(4, now: start) else { return #expect(Bool(false)) }
        // When it breaks too, there is nothing to wait for.
        let actions = state.released(1, isUsable: false, now: at(.milliseconds(1)))
        guard actions.count == 2, case .refuse(4, .unavailable) = actions[1] else { return #expect(Bool(false)) }
    }

    @Test func aCancelledAttemptSaysNothingOfTheServer() {
        var state = state(connections: 1)
        guard case .granted(.connect(1)) = state.acquire(1, now: start) else { return #expect(Bool(false)) }
        guard case .wait = state.acquire(2, now: start) else { return #expect(Bool(false)) }
        guard case .resume(2, .connect(2))? = state.connectAbandoned(1, now: start).first
        else { return #expect(Bool(false)) }
        #expect(state.statistics.isAvailable)
    }

    @Test func unusedConnectionsAreCheckedAndThenClosed() {
        var state = leased(1)
        _ = state.released(1, isUsable: true, now: start)
        #expect(state.tick(now: at(.seconds(9))).isEmpty)
        guard case .check(1)? = state.tick(now: at(.seconds(10))).first else { return #expect(Bool(false)) }
        #expect(state.statistics.idle == 0)
        _ = state.released(1, isUsable: true, now: at(.seconds(10)))
        #expect(state.tick(now: at(.seconds(19))).isEmpty)
        // A check is no use: the idle time goes on.
        guard case .close(1)? = state.tick(now: at(.seconds(60))).first else { return #expect(Bool(false)) }
        #expect(
            state.statistics == PostgresPoolStatistics(idle: 0, leased: 0, connecting: 0, waiting: 0, isAvailable: true)
        )
    }

    @Test func oldConnectionsAreReplaced() {
        var state = leased(1)
        guard case .close(1)? = state.released(1, isUsable: true, now: at(.seconds(1000))).first
        else { return #expect(Bool(false)) }
        guard case .granted(.connect(2)) = state.acquire(2, now: at(.seconds(1000))) else {
            return #expect(Bool(false))
        }
    }

    @Test func closingWaitsForWhatIsInUse() {
        var state = leased(2)
        _ = state.released(1, isUsable: true, now: start)
        guard case .granted = state.acquire(3, now: start) else { return #expect(Bool(false)) }
        _ = state.released(1, isUsable: true, now: start)
        let closing = state.close()
        guard closing.count == 1, case .close(1) = closing[0] else { return #expect(Bool(false)) }
        guard case .refused(.closed) = state.acquire(4, now: start) else { return #expect(Bool(false)) }
        let last = state.released(2, isUsable: true, now: start)
        guard last.count == 2, case .close(2) = last[0], case .finished = last[1] else { return #expect(Bool(false)) }
        #expect(state.close().isEmpty)
    }

    @Test func closingRefusesWaiters() {
        var state = leased(1, of: 1)
        guard case .wait = state.acquire(7, now: start) else { return #expect(Bool(false)) }
        guard case .refuse(7, .closed)? = state.close().first else { return #expect(Bool(false)) }
    }

    @Test func theBackoffGrowsToItsLimitWithJitter() {
        let backoff = Backoff(first: .milliseconds(50), limit: .seconds(1))
        #expect(
            (1...7).map { backoff.delay(after: $0, jitter: 1) }
                == [50, 100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) }
        )
        #expect(backoff.delay(after: 1, jitter: 0) == .milliseconds(25))
        #expect(backoff.delay(after: 10_000, jitter: 1) == .seconds(1))
    }

    /// Random events never make it lose count: what it hands out and takes back stays within its limit, and every
    /// waiter is answered once.
    @Test(arguments: 0..<20)
    func staysConsistentUnderRandomEvents(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        var state = state(connections: 3, waiters: 5)
        state.isMaintained = seed.isMultiple(of: 2)
        var now = start
        var leasedIDs: Set<Int> = []
        var connectingIDs: Set<Int> = []
        var waiting: Set<Int> = []
        func apply(_ actions: [PoolState.Action]) {
            for action in actions {
                switch action {
                case .resume(let waiter, let grant):
                    #expect(waiting.remove(waiter) != nil)
                    take(grant)
                case .refuse(let waiter, _): #expect(waiting.remove(waiter) != nil)
                case .close(let id): #expect(!leasedIDs.contains(id) && !connectingIDs.contains(id))
                case .check(let id): #expect(leasedIDs.insert(id).inserted)
                case .connect(let id): #expect(connectingIDs.insert(id).inserted)
                case .finished: #expect(Bool(false))
                }
            }
        }
        func take(_ grant: PoolState.Grant) {
            switch grant {
            case .connection(let id): #expect(leasedIDs.insert(id).inserted)
            case .connect(let id): #expect(connectingIDs.insert(id).inserted)
            }
        }
        for event in 0..<2000 {
            now = now.advanced(by: .milliseconds(Int.random(in: 0...300, using: &random)))
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1:
                switch state.acquire(event, now: now) {
                case .granted(let grant): take(grant)
                case .wait: waiting.insert(event)
                case .refused: break
                }
            case 2:
                if let id = leasedIDs.min() {
                    leasedIDs.remove(id)
                    apply(state.released(id, isUsable: Bool.random(using: &random), now: now))
                }
            case 3:
                if let id = connectingIDs.min() {
                    connectingIDs.remove(id)
                    leasedIDs.insert(id)
                    apply(state.connected(id, now: now, jitter: 0.5))
                }
            case 4:
                if let id = connectingIDs.min() {
                    connectingIDs.remove(id)
                    apply(state.connectFailed(id, down, now: now, jitter: 0.5))
                }
            case 5: apply(state.tick(now: now))
            default:
                if let waiter = waiting.min() {
                    waiting.remove(waiter)
                    let wasWaiting = state.abandon(waiter)
                    #expect(wasWaiting)
                }
            }
            let statistics = state.statistics
            #expect(statistics.leased == leasedIDs.count)
            #expect(statistics.connecting == connectingIDs.count)
            #expect(statistics.waiting == waiting.count)
            #expect(statistics.idle + statistics.leased + statistics.connecting <= 3)
            #expect(statistics.waiting == 0 || statistics.idle == 0)
        }
    }
}

/// A small generator with a seed (Steele, Lea, Flood 2014), so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
