import Capacity

/// A worker of a simulated world: one life of a process, around the real `AccountScheduler`.
final class WorldLife {
    /// A call on the wire.
    final class Call {
        let share: Int32
        let queue: LaneQueue
        let row: Int32
        let width: Int
        let startedAt: Int64
        /// On the process's own clock.
        let startedAtHere: MonotonicTime
        /// When SES counts it, if its connection lives so long.
        let counts: Int64
        var isOpen = true

        init(
            share: Int32,
            queue: LaneQueue,
            row: Int32,
            width: Int,
            startedAt: Int64,
            startedAtHere: MonotonicTime,
            counts: Int64
        ) {
            self.share = share
            self.queue = queue
            self.row = row
            self.width = width
            self.startedAt = startedAt
            self.startedAtHere = startedAtHere
            self.counts = counts
        }
    }

    unowned let process: WorldProcess
    let world: World
    let worker: Worker
    /// Of the database in which it began.
    let timeline: Int64
    var scheduler: AccountScheduler
    private(set) var isOver = false
    /// On the process's clock.
    private(set) var deadline: MonotonicTime
    /// The same in the world's time, for what SES may count of it.
    private(set) var deadlineInWorld: Int64
    var calls: [Int: Call] = [:]
    var callNumber = 0
    /// Rows that were claimed and have not started.
    var pending: [Int32: LaneQueue] = [:]
    private var isReporting = false
    private var reportedAt = MonotonicTime(nanoseconds: .min / 2)
    private var isReportDue = false
    var isClaiming = false
    var wakesAt: MonotonicTime?
    var hasStopped = false
    var throttled: Int64 = 0
    /// For a planted mistake: how often it took rows, and their true versions.
    private var takes: Int64 = 0
    private var versions: [Int32: Int64] = [:]

    init(process: WorldProcess, worker: Worker, timeline: Int64, asked: MonotonicTime) {
        self.process = process
        self.worker = worker
        self.timeline = timeline
        world = process.world
        scheduler = AccountScheduler(rule: process.world.database.rule)
        deadline = asked + Self.trust
        deadlineInWorld = process.world.now + (deadline - process.now)
    }

    static let trust: Nanoseconds = 2500 * .millisecond
    static let margin: Nanoseconds = 500 * .millisecond

    /// Whether it may start calls.
    var isTrusted: Bool { !isOver && (process.now < deadline || world.options.bugs.ignoresDeadline) }

    func start() {
        renewLoop()
        watchDeadline(deadline)
        readLoop()
        reportLoop()
        scanLoop()
    }

    // MARK: The lease

    private func renewLoop() {
        guard !isOver else { return }
        let asked = process.now
        process.ask({ [self] in isOutdated ? false : world.database.renew(worker) }) { [self] isLive in
            guard !isOver else { return }
            if isLive == false { return end() }
            if isLive == true, asked + Self.trust > deadline {
                deadline = asked + Self.trust
                deadlineInWorld = world.now + (deadline - process.now)
                watchDeadline(deadline)
                wake()
            }
        }
        process.after(500 * .millisecond) { [self] in renewLoop() }
    }

    /// The database has failed over since it began.
    private var isOutdated: Bool {
        world.database.timeline != timeline && !world.options.bugs.ignoresTimelines
    }

    /// At the deadline every open call is reset.
    private func watchDeadline(_ watched: MonotonicTime) {
        process.at(watched) { [self] in
            guard deadline == watched, !isOver, !world.options.bugs.ignoresDeadline else { return }
            resetAll()
        }
    }

    /// It finds itself retired, or has left.
    func end() {
        guard !isOver else { return }
        resetAll()
        isOver = true
        process.lifeEnded()
    }

    // MARK: Grants

    private func readLoop() {
        guard !isOver else { return }
        read()
        process.after(500 * .millisecond) { [self] in readLoop() }
    }

    func read() {
        guard !isOver else { return }
        // Several may be under way, and overtake each other.
        process.ask({ [self] in world.database.snapshot(for: worker) }) { [self] snapshot in
            if let snapshot { take(snapshot) }
        }
    }

    private func take(_ snapshot: WorldDatabase.Snapshot) {
        guard !isOver, let rate = snapshot.rate else { return }
        var rows = snapshot.rows
        var version = snapshot.version
        if world.options.bugs.takesStaleReads {
            // Everything looks like news; what it reports names the version that it took.
            takes += 1
            version = takes
            rows = rows.map { row in
                versions[row.share] = row.version
                return GrantRow(
                    share: row.share,
                    worker: worker,
                    granted: row.granted,
                    held: row.held,
                    version: takes,
                    wanted: row.wanted
                )
            }
        }
        let new = scheduler.take(
            rows,
            version: version,
            limits: process.configuration.limits,
            rule: CreditRule(quota: rate),
            now: process.now
        )
        world.checkRows(of: self)
        if !new.isEmpty { scan() }
        wake()
    }

    private func reportLoop() {
        guard !isOver else { return }
        report()
        process.after(50 * .millisecond) { [self] in reportLoop() }
    }

    /// A share without credits sees backlog: the leader is to hear of it soon.
    func reportSoon() {
        guard !isReportDue else { return }
        isReportDue = true
        process.at(max(process.now, reportedAt + 20 * .millisecond)) { [self] in
            isReportDue = false
            report()
        }
    }

    private func report() {
        guard !isOver, !isReporting else { return }
        var reports = scheduler.reports(now: process.now)
        reportedAt = process.now
        guard !reports.isEmpty else { return }
        let bugs = world.options.bugs
        let written = reports
        reports = reports.map {
            GrantReport(
                share: $0.share,
                held: bugs.reportsBeforeCooling ? 0 : $0.held,
                version: versions[$0.share] ?? $0.version,
                wanted: $0.wanted
            )
        }
        isReporting = true
        process.ask(waits: true, { [self] in world.apply(reports, of: worker) }) { [self] isWritten in
            isReporting = false
            if isWritten != nil { scheduler.reported(written) }
        }
    }

    // MARK: Queues

    private func scanLoop() {
        guard !isOver else { return }
        scan()
        process.after(500 * .millisecond) { [self] in scanLoop() }
    }

    private func scan() {
        let queues = process.configuration.queues.filter { scheduler.serves($0.share) }
        guard !queues.isEmpty else { return }
        process.ask({ [self] in queues.map { world.database.queues[$0.queue]?.count ?? 0 } }) { [self] counts in
            guard let counts, !isOver else { return }
            for (queue, count) in zip(queues, counts) where count > 0 { note(queue, rows: .all(min(100, count))) }
            wake()
        }
    }

    func note(_ queue: WorldConfiguration.Queue, rows: RowCount) {
        guard !isOver, scheduler.serves(queue.share) else { return }
        scheduler.note(queue.queue, rows: rows, share: queue.share, weight: queue.weight, now: process.now)
        if scheduler.isHungry(queue.share) { reportSoon() }
    }
}

extension WorldDatabase {
    /// Raises a lease's counter; false when the life is over.
    mutating func renew(_ worker: Worker) -> Bool {
        guard leases[worker]?.state == .live else { return false }
        leases[worker]?.counter += 1
        return true
    }
}
