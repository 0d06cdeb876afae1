import Foundation
import Measure
import NIOHTTP1

/// Makes a cell's figures of what clients and SES saw.
struct ExactnessAnalysis: Sendable {
    private struct Events: Decodable {
        struct Event: Decodable {
            let type: String
        }

        let data: [Event]
    }

    private struct Message: Decodable {
        let region: String
    }

    let cell: ExactnessCell
    let settings: ExactnessSettings
    let record: ExactnessRecord

    func result(bed: Bed, posts: Posts) async throws -> CellResult {
        let notes = posts.notes
        var traffic = Traffic(
            shares: cell.shares,
            credits: cell.rate,
            accepted: notes.accepted,
            sends: try await bed.simulator.ledger()
        )
        for message in traffic.unpromised {
            traffic.phantoms[message] = try await share(of: message, bed)
        }
        var result = CellResult(
            name: cell.name,
            system: cell.system.rawValue,
            rate: cell.rate,
            nodes: cell.nodes,
            latency: cell.latency.rawValue,
            seconds: BootTime.seconds(record.start, record.end)
        )
        result.fault = cell.fault?.rawValue
        result.lanes = cell.lanes
        exactness(traffic, into: &result)
        utilisation(traffic, into: &result)
        result.lost = traffic.lost
        result.uncertain = notes.uncertain
        result.phantoms = traffic.unpromised.count
        try await duplicates(traffic, bed, into: &result)
        if cell.isDrawn {
            result.series = SlidingRate.series(
                traffic.offered(),
                from: record.start,
                to: record.end,
                step: Timeline.step
            )
        }
        return result
    }

    private func exactness(_ traffic: Traffic, into result: inout CellResult) {
        let offered = traffic.offered()
        let limits = record.fault?.quota ?? []
        let scan = WindowScan(
            offered,
            length: cell.window,
            limits: limits.isEmpty ? [.init(recipients: cell.rate)] : limits
        )
        result.sent = traffic.sends.reduce(0) { $0 + ($1.outcome == .accepted ? $1.recipients : 0) }
        result.most = scan.most
        result.over = scan.over
        result.throttled = traffic.sends.count { $0.outcome == .throttled }
        for (index, share) in traffic.shares.enumerated() {
            guard let ceiling = share.ceiling else { continue }
            let changed = record.fault?.ceiling ?? []
            let limits = changed.isEmpty ? [WindowScan.Limit(recipients: ceiling)] : changed
            result.overCeiling[share.name] =
                WindowScan(traffic.offered(share: index), length: cell.window, limits: limits).over
        }
        guard let fault = record.fault else { return }
        if let lowered = fault.lowered {
            let strict = WindowScan(
                offered.filter { $0.at > lowered.at && $0.at < lowered.until },
                length: cell.window,
                limits: [.init(recipients: lowered.rate)]
            )
            result.inForce = strict.lastOver.map { max(0, BootTime.seconds(lowered.at, $0)) } ?? 0
        }
        result.pause = Pause(
            traffic.sends.filter { $0.outcome == .accepted }.map { ($0.at, $0.recipients) },
            fault: fault.struck,
            counted: fault.counted,
            end: record.reshuffled,
            rate: Double(cell.rate) / (1 + cell.latency.mean)
        )
    }

    private func utilisation(_ traffic: Traffic, into result: inout CellResult) {
        guard cell.fault == nil else { return }
        let timeline = Timeline(traffic, from: record.saturated, to: record.reshuffled)
        let whole = Utilisation(timeline, traffic, latency: cell.latency.mean, window: settings.window)
        result.saturated = Spread(whole.saturated)
        result.deviation = whole.deviation
        result.guarantee = whole.guarantee
        guard cell.lanes == nil else {
            lanes(traffic, into: &result)
            return
        }
        let moving = Timeline(traffic, from: record.reshuffled, to: record.end)
        let changing = Utilisation(moving, traffic, latency: cell.latency.mean, window: settings.window)
        result.overall = Spread(changing.overall)
        if let kept = changing.guarantee { result.guarantee = min(result.guarantee ?? kept, kept) }
        result.waking = Spread(Waking.delays(traffic))
    }

    /// What the lanes of the only share got while all had backlog.
    private func lanes(_ traffic: Traffic, into result: inout CellResult) {
        let sent = traffic.sends.filter {
            $0.outcome == .accepted && $0.at >= record.saturated && $0.at < record.end
        }
        let counts = Dictionary(grouping: sent.compactMap { $0.row?.message }.compactMap { traffic.accepted[$0]?.lane })
        {
            $0
        }.mapValues(\.count)
        let all = (0..<(cell.lanes ?? 0)).map { counts[$0] ?? 0 }
        result.laneSends = [all.min() ?? 0, all.max() ?? 0]
    }

    // MARK: What only the API knows

    private func headers(_ bed: Bed, tenant: Int = 0) -> [(String, String)] {
        [("Authorization", "Bearer \(bed.keys[tenant])")]
    }

    /// The share of a message whose 202 was lost; nil when no node knows it.
    private func share(of message: RowID, _ bed: Bed) async throws -> Int? {
        guard bed.keys.count == 1 else { return nil }
        let answer = try await bed.anyNode.tenants.send(.GET, "/messages/\(message.text)", headers: headers(bed))
        guard let found = try? JSONDecoder().decode(Message.self, from: Data(answer.body)) else { return nil }
        return cell.shares.firstIndex { $0.name == found.region }
    }

    private func duplicates(_ traffic: Traffic, _ bed: Bed, into result: inout CellResult) async throws {
        let twice = traffic.taken.filter { $0.value > 1 }
        result.duplicates = twice.values.reduce(0) { $0 + $1 - 1 }
        for (message, rows) in Dictionary(grouping: twice, by: \.key.message) {
            let tenant = traffic.accepted[message]?.lane ?? 0
            let answer = try await bed.anyNode.tenants.get(
                "/messages/\(message.text)/events",
                headers: headers(bed, tenant: tenant)
            )
            let events = try JSONDecoder().decode(Events.self, from: Data(answer.body)).data
            let unknown = events.count { $0.type == "email.unknown" }
            result.unknown += unknown
            result.unexplained += max(0, rows.reduce(0) { $0 + $1.value - 1 } - unknown)
        }
    }
}
