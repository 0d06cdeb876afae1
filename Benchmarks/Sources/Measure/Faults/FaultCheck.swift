/// Compares what clients were promised, what SES took, what the database says and what SES said: nothing lost, nothing twice
/// without a recorded doubt, nothing that nobody asked for, no second over a limit. Each finding is a sentence.
public struct FaultCheck: Sendable {
    /// Where a row may end without having been sent.
    private static let unsent: Set = ["failed", "suppressed", "canceled", "expired"]
    private static let final: Set = ["sent", "delayed", "rejected", "delivered", "bounced", "complained"]

    /// Promised, and neither taken by SES nor in an end that says why.
    public private(set) var lost: [String] = []
    /// Stored or taken although the client was refused, or knows nothing of it.
    public private(set) var phantoms: [String] = []
    /// Taken again, without an outcome recorded as unknown for each time.
    public private(set) var unexplained: [String] = []
    /// Statuses and events that are not what SES said, and what else does not fit.
    public private(set) var wrong: [String] = []
    /// Recipients that SES took.
    public private(set) var taken = 0
    /// Takes beyond the first.
    public private(set) var duplicates = 0
    /// Outcomes recorded as unknown.
    public private(set) var unknowns = 0
    /// Windows over the quota, and over the ceiling of a share.
    public private(set) var over = 0
    public private(set) var overCeiling = 0
    /// The most recipients in any window.
    public private(set) var most = 0

    public var isSound: Bool {
        lost.isEmpty && phantoms.isEmpty && unexplained.isEmpty && wrong.isEmpty && over == 0 && overCeiling == 0
    }

    private let witness: FaultWitness
    private let messages: [RowID: [RowID]]
    private var takes: [RowID: Int] = [:]

    public init(_ witness: FaultWitness, shares: [SharePlan], rate: Int, window: Int64) {
        self.witness = witness
        messages = Dictionary(grouping: witness.rows.keys, by: \.message)
        wrong = witness.complaints
        count()
        checkPromises()
        checkStrangers()
        checkTakes()
        checkStatuses()
        checkEvents()
        checkWindows(shares, rate, window)
    }

    /// The rows that a call was for: one, or all of its message.
    private func rows(of id: RowID) -> [RowID] { id == id.message ? messages[id] ?? [id] : [id] }

    private mutating func count() {
        for send in witness.sends where send.outcome == .accepted {
            taken += send.recipients
            guard let id = send.row else {
                phantoms.append("SES took a mail without our tag")
                continue
            }
            for row in rows(of: id) { takes[row, default: 0] += 1 }
        }
        duplicates = takes.values.reduce(0) { $0 + max(0, $1 - 1) }
        unknowns = witness.rows.values.reduce(0) { $0 + $1.unknowns }
    }

    private mutating func checkPromises() {
        for (number, post) in witness.posts.sorted(by: { $0.key < $1.key }) {
            guard case .accepted(let message) = post.answer else { continue }
            let rows = messages[message] ?? []
            if rows.count != post.recipients {
                lost.append("post \(number), \(message.text): \(rows.count) of \(post.recipients) rows are stored")
            }
            for row in rows where takes[row] == nil {
                guard let known = witness.rows[row], Self.unsent.contains(known.status), !known.detail.isEmpty else {
                    lost.append("\(row.text) is \(witness.rows[row]?.status ?? "gone") and was never taken")
                    continue
                }
            }
        }
    }

    private mutating func checkStrangers() {
        for (message, rows) in messages.sorted(by: { $0.key.text < $1.key.text }) {
            let numbers = Set(rows.compactMap { witness.rows[$0]?.post })
            guard numbers.count == 1, let number = numbers.first, let post = witness.posts[number] else {
                phantoms.append("\(message.text) is stored, and nobody posted it")
                continue
            }
            switch post.answer {
            case .accepted(message): continue
            case .accepted(let other): phantoms.append("\(message.text): post \(number) again, which is \(other.text)")
            case .refused: phantoms.append("\(message.text): post \(number) was refused")
            case .uncertain where rows.count != post.recipients:
                wrong.append("\(message.text): \(rows.count) of \(post.recipients) rows of an uncertain post")
            case .uncertain: continue
            }
        }
        // One message at most came of an uncertain post.
        let doubled = Dictionary(grouping: messages.keys) { message in
            messages[message]?.first.flatMap { witness.rows[$0]?.post } ?? -1
        }.filter { $0.value.count > 1 && witness.posts[$0.key]?.answer == .uncertain }
        for (number, ids) in doubled { phantoms.append("post \(number) is stored \(ids.count) times") }
        for row in takes.keys where witness.rows[row] == nil {
            phantoms.append("\(row.text) was taken, and is not stored")
        }
    }

    private mutating func checkTakes() {
        for (row, times) in takes.sorted(by: { $0.key.text < $1.key.text }) where times > 1 {
            let unknowns = witness.rows[row]?.unknowns ?? 0
            if times - 1 > unknowns {
                unexplained.append("\(row.text) was taken \(times) times, unknown \(unknowns) times")
            }
        }
    }

    private mutating func checkStatuses() {
        for (row, known) in witness.rows.sorted(by: { $0.key.text < $1.key.text }) {
            guard let allowed = witness.outcomes[row] else {
                if !Self.unsent.contains(known.status), takes[row] != nil || Self.final.contains(known.status) {
                    wrong.append("\(row.text) is \(known.status), and SES knows nothing of it")
                } else if !Self.unsent.contains(known.status) {
                    wrong.append("\(row.text) is \(known.status) in the end")
                }
                continue
            }
            // SES took it, answered nobody and told nobody: any end is as good.
            let isUntold = allowed == ["unknown"] && (Self.final.contains(known.status) || known.status == "failed")
            if !allowed.contains(known.status), !isUntold {
                wrong.append("\(row.text) is \(known.status), SES says \(allowed.sorted().joined(separator: " or "))")
            }
        }
    }

    private mutating func checkEvents() {
        var told: [RowID: [String: (all: Int, taken: Int)]] = [:]
        for said in witness.said {
            told[said.row, default: [:]][said.type, default: (0, 0)].all += 1
            if said.isTaken { told[said.row, default: [:]][said.type, default: (0, 0)].taken += 1 }
        }
        for (row, known) in witness.rows.sorted(by: { $0.key.text < $1.key.text }) {
            let told = told[row] ?? [:]
            for type in Set(told.keys).union(known.events.keys).sorted() {
                let count = known.events[type] ?? 0
                let (all, taken) = told[type] ?? (0, 0)
                // Settling says it as well as SES.
                let most = type == "email.sent" ? max(all, 1) : all
                if count == 0, taken > 0 {
                    wrong.append("\(row.text): \(type) was acknowledged and is not recorded")
                } else if count > most || type == "email.sent" && takes[row] == nil {
                    wrong.append("\(row.text): \(type) is recorded \(count) times and happened \(all) times")
                }
            }
        }
    }

    private mutating func checkWindows(_ shares: [SharePlan], _ rate: Int, _ window: Int64) {
        let offered = witness.sends.filter(\.isOffered)
        func scan(_ sends: [Send], _ limit: Int) -> WindowScan {
            WindowScan(sends.map { ($0.at, $0.recipients) }, length: window, limits: [.init(recipients: limit)])
        }
        let whole = scan(offered, rate)
        over = whole.over
        most = whole.most
        for (index, share) in shares.enumerated() {
            guard let ceiling = share.ceiling else { continue }
            let own = offered.filter { send in
                guard let row = send.row.map({ rows(of: $0) })?.first, let known = witness.rows[row] else {
                    return false
                }
                return witness.posts[known.post]?.share == index
            }
            overCeiling += scan(own, ceiling).over
        }
    }
}
