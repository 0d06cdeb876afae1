public import Foundation
import Outbox

/// What waits, lane by lane. Sorted, filtered and cut on the server, so that ten thousand lanes are as easy as ten.
public struct QueuePage: Sendable {
    public struct Line: Sendable {
        /// `account/share/tenant/stream`; nil for a lane whose account was removed.
        public let lane: String?
        public let isRetired: Bool
        public let ready: Int
        public let deferred: Int
        public let oldestAt: Date?
        /// Seconds until it is empty, if nothing changes; nil where that cannot be told.
        public let eta: Double?

        public init(lane: String?, isRetired: Bool, ready: Int, deferred: Int, oldestAt: Date?, eta: Double?) {
            self.lane = lane
            self.isRetired = isRetired
            self.ready = ready
            self.deferred = deferred
            self.oldestAt = oldestAt
            self.eta = eta
        }
    }

    public struct Sums: Sendable {
        public let lanes: Int
        public let ready: Int
        public let deferred: Int
        public let oldestAt: Date?

        public init(lanes: Int, ready: Int, deferred: Int, oldestAt: Date?) {
            self.lanes = lanes
            self.ready = ready
            self.deferred = deferred
            self.oldestAt = oldestAt
        }
    }

    public enum Order: String, CaseIterable, Sendable {
        case depth, oldest, name

        var words: String {
            switch self {
            case .depth: "the most waiting"
            case .oldest: "the oldest"
            case .name: "the name"
            }
        }
    }

    let lines: [Line]
    let sums: Sums
    let search: String?
    let order: Order
    let part: Int
    let parts: Int
    let now: Date

    public init(lines: [Line], sums: Sums, search: String?, order: Order, part: Int, parts: Int, now: Date) {
        self.lines = lines
        self.sums = sums
        self.search = search
        self.order = order
        self.part = part
        self.parts = parts
        self.now = now
    }

    public var page: DashboardPage {
        DashboardPage(
            title: "Queue",
            section: "/dashboard/queue",
            body: """
                <h1>Queue</h1>
                <form class="filters" role="search" action="/dashboard/queue">
                \(Fields.text("search", "Lane contains", search, hint: "main/UK"))
                \(Fields.choice("order", "By", order.rawValue, Order.allCases.map { ($0.rawValue, $0.words) }))
                <button>Show</button></form>
                <section class="card" id="queue-sums" data-part aria-label="In all">\(Stats.html([
                    ("Lanes with mail", "\(Words.number(sums.lanes))"), ("Ready", "\(Self.counted(sums.ready))"),
                    ("Deferred", "\(Self.counted(sums.deferred))"),
                    ("Oldest", "\(sums.oldestAt.map { Words.duration(now.timeIntervalSince($0)) } ?? "-")"),
                ]))</section>
                <section class="card" id="queue-lanes" data-part aria-labelledby="lanes-title"><h2 id="lanes-title">Lanes</h2>
                \(list)\(PartLinks(path: "/dashboard/queue", query: [("search", search ?? ""), ("order", order.rawValue)], part: part, parts: parts).html)</section>
                """,
            refresh: 5
        )
    }

    /// Of a lane no more entries are counted than a bound: from there on it is at least so many.
    private static func counted(_ count: Int) -> String {
        Words.number(count) + (count >= LaneBacklog.mostCounted ? "+" : "")
    }

    private var list: HTML {
        guard !lines.isEmpty else {
            return "<p class=\"empty\">\(search == nil ? "Nothing waits." : "Nothing that waits matches.")</p>"
        }
        let rows = lines.map { line -> [HTML] in
            let mark: HTML? = line.isRetired ? " \(Badge.html("retired", .plain))" : nil
            return [
                "\(line.lane ?? "of a removed account")\(mark)", "\(Self.counted(line.ready))",
                "\(Self.counted(line.deferred))",
                "\(line.oldestAt.map { Words.duration(now.timeIntervalSince($0)) } ?? "-")",
                "\(line.eta.map { Words.duration($0) } ?? "-")",
            ]
        }
        return Table(
            "Lanes",
            [.text("Lane"), .number("Ready"), .number("Deferred"), .number("Oldest"), .number("Empty in about")],
            rows: rows
        ).html
    }
}
