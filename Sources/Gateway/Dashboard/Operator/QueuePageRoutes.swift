import Dashboard
import Directory
import FoundationEssentials
import Hummingbird
import Outbox

/// `/dashboard/queue` of the operator.
struct QueuePageRoutes: Sendable {
    private static let onePart = 50

    let services: AdminServices
    let readings: OperatorReadings

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("queue") { request, context in context.operatorPage(try await page(request).page) }
    }

    private func page(_ request: Request) async throws -> QueuePage {
        let query = try RequestQuery(request, allowing: ["search", "order", "part"], isForm: true)
        guard let directory = services.directory.current else { throw Problem.databaseUnavailable() }
        let order = query["order"].flatMap(QueuePage.Order.init(rawValue:)) ?? .depth
        let search = query["search"]?.lowercased()
        let depths = try await readings.backlog()
        let found = depths.map { (depth: $0, lane: directory.lanes[$0.laneID]) }
            .filter { found in search.map { found.lane?.name.lowercased().contains($0) ?? false } ?? true }
            .sorted { Self.comes($0, before: $1, by: order) }
        let cut = ListPart(found, part: try query.number("part", in: 1...1_000_000, standard: 1), of: Self.onePart)
        let rates = try await rates(of: cut.items.compactMap(\.lane), depths: depths, directory)
        return QueuePage(
            lines: cut.items.map { depth, lane in
                let rate = lane.flatMap { rates[$0.id] }
                return QueuePage.Line(
                    lane: lane?.name,
                    isRetired: lane?.isRetired ?? true,
                    ready: depth.ready,
                    deferred: depth.deferred,
                    oldestAt: depth.oldestAt,
                    eta: rate.flatMap { $0 > 0 && depth.ready > 0 ? Double(depth.ready) / $0 : nil }
                )
            },
            sums: QueuePage.Sums(
                lanes: found.count,
                ready: found.reduce(0) { $0 + $1.depth.ready },
                deferred: found.reduce(0) { $0 + $1.depth.deferred },
                oldestAt: found.compactMap(\.depth.oldestAt).min()
            ),
            search: query["search"],
            order: order,
            part: cut.part,
            parts: cut.parts,
            now: Date()
        )
    }

    private typealias Found = (depth: LaneBacklog, lane: Lane?)

    private static func comes(_ left: Found, before right: Found, by order: QueuePage.Order) -> Bool {
        switch order {
        case .depth:
            (right.depth.ready + right.depth.deferred, left.depth.laneID)
                < (left.depth.ready + left.depth.deferred, right.depth.laneID)
        case .oldest:
            (left.depth.oldestAt ?? .distantFuture, left.depth.laneID)
                < (right.depth.oldestAt ?? .distantFuture, right.depth.laneID)
        case .name: (left.lane?.name ?? "", left.depth.laneID) < (right.lane?.name ?? "", right.depth.laneID)
        }
    }

    /// Recipients a second of each lane: its part, by weight among those that have mail, of what its share holds now, which a
    /// credit's second and a call's time turn into a rate.
    private func rates(of lanes: [Lane], depths: [LaneBacklog], _ directory: DirectorySnapshot) async throws -> [Int32:
        Double]
    {
        var weights: [Int32: Int] = [:]
        for depth in depths where depth.ready > 0 {
            if let lane = directory.lanes[depth.laneID] { weights[lane.shareID, default: 0] += lane.weight }
        }
        var held: [Int32: Double] = [:]
        // At most one for each lane of the page.
        for id in Set(lanes.map(\.accountID)).sorted() {
            guard let account = directory.accounts[id] else { continue }
            let figures = try await readings.work(of: account)
            for share in figures.shares {
                if let number = account.shareIDs[share.path] {
                    held[number] = max(share.used, Double(share.held) / 1.055)
                }
            }
        }
        return Dictionary(
            lanes.compactMap { lane in
                guard let all = weights[lane.shareID], all > 0, let rate = held[lane.shareID] else { return nil }
                return (lane.id, rate * Double(lane.weight) / Double(all))
            }
        ) { first, _ in first }
    }
}
