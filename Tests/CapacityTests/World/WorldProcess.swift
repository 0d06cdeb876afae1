import Capacity

/// A process of a simulated world: its clock, its lease, its watch over others, and what it leads and works for.
///
/// A paused one does nothing and then goes on from where it was; a dead one never does.
final class WorldProcess {
    enum State { case running, paused, dead }

    let world: World
    let number: Int
    let name: String
    /// Its monotonic clock: an offset and a drift in parts per million.
    private let offset: Int64
    private let drift: Int64
    var state = State.running
    /// Cut off from the database, but not from SES.
    var isCut = false
    private var backlog: [() -> Void] = []
    private(set) var life: WorldLife?
    var leader: WorldLeader?
    private var watch = LeaseWatch()
    private let zero = ContinuousClock.now
    var configuration: WorldConfiguration
    var isLeaving = false
    /// The database's timeline, and when this process saw it first.
    private(set) var timeline: (number: Int64, seenAt: MonotonicTime)?

    init(world: World, number: Int, name: String) {
        self.world = world
        self.number = number
        self.name = name
        offset = world.random(0...1_000_000) * Int64.second
        drift = world.random(-200...200)
        configuration = world.configuration
    }

    // MARK: Time

    var now: MonotonicTime { MonotonicTime(nanoseconds: offset + world.now + world.now / 1_000_000 * drift) }

    /// How long the world takes for so long on this clock.
    private func real(_ span: Nanoseconds) -> Int64 { span - span / 1_000_000 * drift + 1 }

    func after(_ span: Nanoseconds, _ body: @escaping () -> Void) {
        world.after(real(max(0, span))) { [self] in perform(body) }
    }

    func at(_ time: MonotonicTime, _ body: @escaping () -> Void) { after(time - now, body) }

    /// Does something now, or once the process goes on.
    func perform(_ body: @escaping () -> Void) {
        switch state {
        case .running: body()
        case .paused: backlog.append(body)
        case .dead: break
        }
    }

    func goOn() {
        guard state == .paused else { return }
        state = .running
        let waiting = backlog
        backlog = []
        for body in waiting { perform(body) }
    }

    // MARK: The database

    /// A statement: `body` runs in the database, if it gets there; the reply is nil after a second without an answer.
    ///
    /// - Parameter waits: the statement changes rows that a leader's transaction locks.
    func ask<Answer>(waits: Bool = false, _ body: @escaping () -> Answer?, reply: @escaping (Answer?) -> Void) {
        var isAnswered = false
        let options = world.options
        let loss = world.random(0...999)
        let loses = loss < options.lostStatements
        let there = world.delay()
        after(.second) {
            if !isAnswered {
                isAnswered = true
                reply(nil)
            }
        }
        if isCut || loses && loss % 2 == 0 { return }
        func arrive() {
            if waits, world.database.lock != nil, !world.options.bugs.leadersDoNotLock {
                return world.after(.millisecond, arrive)
            }
            guard !world.isDatabaseDown, let answer = body() else { return }
            if isCut || loses { return }
            world.after(world.delay()) { [self] in
                perform {
                    guard !isAnswered else { return }
                    isAnswered = true
                    reply(answer)
                }
            }
        }
        world.after(there, arrive)
    }

    // MARK: Lives

    func start() {
        beginLife()
        watchLoop()
    }

    func beginLife() {
        guard !isLeaving else { return }
        let asked = now
        ask({ [self] in (world.database.beginLife(name), world.database.timeline) }) { [self] answer in
            guard let (worker, timeline) = answer else {
                return after(100 * .millisecond) { [self] in beginLife() }
            }
            if self.timeline?.number != timeline {
                self.timeline = (timeline, now)
                watch = LeaseWatch()
            }
            // Its request may have been done although it was given up: then an older life stands idle until it is buried.
            let life = WorldLife(process: self, worker: worker, timeline: timeline, asked: asked)
            self.life = life
            world.lives.append(life)
            life.start()
            world.hintLeader()
        }
    }

    func lifeEnded() {
        life = nil
        if !isLeaving { beginLife() }
    }

    private func watchLoop() {
        let asked = now
        ask({ [self] in (world.database.liveLeases, world.database.rule.window) }) { [self] answer in
            if let (leases, window) = answer {
                let bound = LeaseTiming().death(window: .nanoseconds(window - world.options.bugs.buriesEarly))
                let dead = watch.observe(
                    leases,
                    readAfter: instant(asked),
                    answeredAt: instant(now),
                    bound: bound,
                    blindAfter: LeaseTiming().ttl
                )
                for (worker, counter) in dead {
                    ask({ [self] in world.retire(worker, counter: counter) }, reply: { _ in })
                }
            }
            after(500 * .millisecond) { [self] in watchLoop() }
        }
    }

    private func instant(_ time: MonotonicTime) -> ContinuousClock.Instant { zero + .nanoseconds(time.nanoseconds) }
}

extension WorldDatabase {
    /// A node's next life: its lease, and its row among the workers.
    mutating func beginLife(_ node: String) -> Worker {
        nodeEpochs[node] = max(nodeEpochs[node, default: 0], floor) + 1
        let worker = Worker(node: node, epoch: nodeEpochs[node] ?? 0)
        leases[worker] = Lease()
        workers[worker] = WorkerRow()
        return worker
    }

    var liveLeases: [Worker: Int64] { leases.filter { $0.value.state == .live }.mapValues(\.counter) }

    var rule: CreditRule { CreditRule(quota: rate ?? quota) }
}
