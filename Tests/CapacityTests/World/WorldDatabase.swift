import Capacity

/// The database of a simulated world: what is committed. Every method is one statement or transaction.
struct WorldDatabase {
    struct WorkerRow {
        var isDraining = false
        var throttled: Int64 = 0
    }

    enum LeaseState { case live, released, retired }

    struct Lease {
        var counter: Int64 = 0
        var state = LeaseState.live
    }

    /// What a worker reads.
    struct Snapshot {
        let rows: [GrantRow]
        let version: Int64
        let rate: Double?
    }

    /// What a leader reads.
    struct Sheet {
        let rows: [GrantRow]
        let workers: [Worker]
        let throttles: [Worker: Int64]
        let quota: Double
        let rate: Double?
        let released: [Worker]
        let settledTimeline: Int64
    }

    struct Queue {
        var rows: [Int32] = []
        var head = 0

        var count: Int { rows.count - head }
    }

    enum RowState: UInt8 { case queued, claimed, done }

    /// Of the server that writes now, and the one on which the grants are in order.
    var timeline: Int64 = 1
    var settledTimeline: Int64 = 1

    // The leader row.
    var epoch: Int64 = 0
    var version: Int64 = 0
    var rate: Double?
    /// Who has the row locked, and since when.
    var lock: Int?
    private var locks = 0
    /// The process that has the advisory lock.
    var holder: Int?

    var quota: Double
    var workers: [Worker: WorkerRow] = [:]
    var leases: [Worker: Lease] = [:]
    var nodeEpochs: [String: Int64] = [:]
    private(set) var grants: [Worker: [Int32: GrantRow]] = [:]
    private(set) var held = 0
    /// Transactions that changed grants, and the rows that they changed.
    private(set) var grantTransactions = 0
    private(set) var grantChanges = 0
    private(set) var reportStatements = 0

    var queues: [LaneQueue: Queue] = [:]
    var states: [RowState] = []
    var widths: [UInt8] = []
    var open = 0

    init(quota: Double) { self.quota = quota }

    // MARK: Grants

    func rows(of worker: Worker) -> [GrantRow] { (grants[worker] ?? [:]).values.sorted { $0.share < $1.share } }
    func row(_ share: Int32, of worker: Worker) -> GrantRow? { grants[worker]?[share] }
    func snapshot(for worker: Worker) -> Snapshot { Snapshot(rows: rows(of: worker), version: version, rate: rate) }

    var sheet: Sheet {
        let all = workers.keys.sorted()
        return Sheet(
            rows: all.flatMap { rows(of: $0) },
            workers: all.filter { workers[$0]?.isDraining == false },
            throttles: workers.mapValues(\.throttled),
            quota: quota,
            rate: rate,
            released: all.filter { leases[$0]?.state == .released },
            settledTimeline: settledTimeline
        )
    }

    /// What a failover to an asynchronous standby may lose. Rows are left out: to send some twice is another matter.
    struct Replica {
        fileprivate let epoch: Int64
        fileprivate let version: Int64
        fileprivate let rate: Double?
        fileprivate let workers: [Worker: WorkerRow]
        fileprivate let leases: [Worker: Lease]
        fileprivate let nodeEpochs: [String: Int64]
        fileprivate let grants: [Worker: [Int32: GrantRow]]
        fileprivate let held: Int
        fileprivate let settledTimeline: Int64
    }

    var replica: Replica {
        Replica(
            epoch: epoch,
            version: version,
            rate: rate,
            workers: workers,
            leases: leases,
            nodeEpochs: nodeEpochs,
            grants: grants,
            held: held,
            settledTimeline: settledTimeline
        )
    }

    /// Another server takes over, with what it had got.
    mutating func failOver(to replica: Replica) {
        timeline += 1
        (epoch, version, rate) = (replica.epoch, replica.version, replica.rate)
        (workers, leases, nodeEpochs) = (replica.workers, replica.leases, replica.nodeEpochs)
        (grants, held, settledTimeline) = (replica.grants, replica.held, replica.settledTimeline)
        (lock, holder) = (nil, nil)
    }

    /// Epochs on the present timeline are above this.
    var floor: Int64 { (timeline - 1) << 32 }

    mutating func lockLeader() -> Int {
        locks += 1
        lock = locks
        return locks
    }

    /// A leader's changes; nil when a worker among them is no longer.
    mutating func write(_ plan: GrantPlan, rate: Double) -> [Worker]? {
        for change in plan.changes
        where workers[change.worker] == nil && grants[change.worker]?[change.share] == nil && change.granted > 0 {
            return nil
        }
        version += 1
        grantTransactions += 1
        self.rate = rate
        for change in plan.changes where workers[change.worker] != nil {
            grantChanges += 1
            var row =
                grants[change.worker]?[change.share]
                ?? GrantRow(share: change.share, worker: change.worker, granted: 0, held: 0, version: 0, wanted: 0)
            held -= row.held
            row.grant(change.granted, version: version)
            held += row.held
            grants[change.worker, default: [:]][change.share] = row
        }
        for removal in plan.removals {
            guard let row = grants[removal.worker]?[removal.share], row.granted == 0, row.held == 0 else { continue }
            grants[removal.worker]?[removal.share] = nil
        }
        return Set(plan.changes.map(\.worker)).sorted()
    }

    /// A worker's reports; returns whether they changed something.
    mutating func apply(_ reports: [GrantReport], of worker: Worker, ignoresVersions: Bool) -> Bool {
        reportStatements += 1
        var isNews = false
        for report in reports {
            guard var row = grants[worker]?[report.share] else { continue }
            let before = row
            var report = report
            if ignoresVersions {
                report = GrantReport(
                    share: report.share,
                    held: report.held,
                    version: row.version,
                    wanted: report.wanted
                )
            }
            row.apply(report)
            held += row.held - before.held
            grants[worker]?[report.share] = row
            isNews = isNews || row != before
        }
        return isNews
    }

    /// The end of a life: its grants go with it.
    mutating func remove(_ worker: Worker) {
        workers[worker] = nil
        held -= (grants.removeValue(forKey: worker) ?? [:]).values.reduce(0) { $0 + $1.held }
    }

    // MARK: Rows

    mutating func insert(_ count: Int, width: Int, into queue: LaneQueue) {
        for _ in 0..<count {
            queues[queue, default: Queue()].rows.append(Int32(states.count))
            states.append(.queued)
            widths.append(UInt8(width))
        }
        open += count
    }

    /// Claims what fits into the request, in order.
    mutating func claim(_ request: ClaimRequest) -> (rows: [Int32], answer: ClaimAnswer) {
        var answer = ClaimAnswer(recipients: [])
        var rows: [Int32] = []
        guard var queue = queues.removeValue(forKey: request.queue) else { return ([], answer) }
        var left = request.credits
        while left > 0 || request.takesOversized, queue.head < queue.rows.count {
            let row = queue.rows[queue.head]
            let width = Int(widths[Int(row)])
            if request.takesOversized ? width <= request.capacity : width > left {
                if !request.takesOversized { answer.blockedBy = width }
                break
            }
            precondition(states[Int(row)] == .queued, "row \(row) is claimed twice")
            states[Int(row)] = .claimed
            queue.head += 1
            rows.append(row)
            if request.takesOversized { break }
            answer.recipients.append(width)
            left -= width
        }
        if queue.head > 1024, queue.head * 2 > queue.rows.count {
            queue.rows.removeFirst(queue.head)
            queue.head = 0
        }
        queues[request.queue] = queue
        return (rows, answer)
    }

    mutating func putBack(_ row: Int32, into queue: LaneQueue) {
        precondition(states[Int(row)] == .claimed, "row \(row) is put back although nobody has it")
        states[Int(row)] = .queued
        if let head = queues[queue]?.head, head > 0 {
            queues[queue]?.head = head - 1
            queues[queue]?.rows[head - 1] = row
        } else {
            queues[queue, default: Queue()].rows.insert(row, at: 0)
        }
    }

    mutating func finish(_ row: Int32) {
        precondition(states[Int(row)] == .claimed, "row \(row) ends although nobody has it")
        states[Int(row)] = .done
        open -= 1
    }
}
