import Foundation

extension TopView {
    /// The lanes with mail in the chosen order; those that are not listed are summed in a last line.
    func lanes(_ picture: TopPicture, _ state: TopState) -> [StyledLine] {
        let wanted = picture.lanes.filter { isWanted($0.name, by: state) }
        guard !wanted.isEmpty else { return [] }
        let sorted = Self.sorted(wanted, by: state.sort)
        let table = TopTable(
            [
                .init(title: "LANE", width: 24, isRight: false, most: 60), .init(title: "READY", width: 9),
                .init(title: "DEFERRED", width: 9, importance: 1), .init(title: "RATE/S", width: 7, importance: 2),
                .init(title: "OLDEST", width: 7), .init(title: "ETA", width: 7, importance: 3),
            ],
            width: width,
            ellipsis: glyphs.ellipsis
        )
        func row(_ name: TopTable.Cell, _ lane: TopPicture.Lane) -> StyledLine {
            table.line([
                name, .init(CountText.text(lane.ready, width: 9), .strong),
                .init(CountText.text(lane.deferred, width: 9), lane.deferred > 0 ? .plain : .faint),
                .init(RateText.text(lane.rate), lane.rate > 0 || lane.ready == 0 ? .plain : .bad),
                .init(AgeText.since(lane.oldestAt, now: picture.at)),
                .init(
                    lane.ready == 0 ? "" : lane.eta.map { AgeText.text(seconds: $0) } ?? "never",
                    lane.eta == nil ? .bad : .plain
                ),
            ])
        }
        var lines = [table.heading] + sorted.prefix(Self.listedLanes).map { row(.init($0.name), $0) }
        let others = sorted.dropFirst(Self.listedLanes)
        if !others.isEmpty {
            lines.append(row(.init("\(CountText.text(others.count)) more lanes", .faint), Self.sum(Array(others))))
        }
        return lines
    }

    static func sorted(_ lanes: [TopPicture.Lane], by sort: TopState.Sort) -> [TopPicture.Lane] {
        lanes.sorted { one, other in
            switch sort {
            case .oldest:
                (one.oldestAt ?? .distantFuture, one.name) < (other.oldestAt ?? .distantFuture, other.name)
            case .depth: (other.ready, other.deferred, one.name) < (one.ready, one.deferred, other.name)
            case .eta: (-one.wait, one.name) < (-other.wait, other.name)
            case .name: one.name < other.name
            }
        }
    }

    private static func sum(_ lanes: [TopPicture.Lane]) -> TopPicture.Lane {
        var sum = TopPicture.Lane(name: "")
        for lane in lanes {
            sum.ready += lane.ready
            sum.deferred += lane.deferred
            sum.rate += lane.rate
            sum.oldestAt = [sum.oldestAt, lane.oldestAt].compactMap(\.self).min()
        }
        return sum
    }

    func nodes(_ picture: TopPicture) -> [StyledLine] {
        guard !picture.nodes.isEmpty else { return [StyledLine("no node has a lease: nothing is sent", .bad)] }
        let table = TopTable(
            [
                .init(title: "NODE", width: 20, isRight: false, most: 40), .init(title: "UP", width: 6),
                .init(title: "CREDITS", width: 7, importance: 2),
                .init(title: "LEADS", width: 8, isRight: false, importance: 1),
                .init(title: "STATE", width: 34, isRight: false, importance: 3, most: 60),
            ],
            width: width,
            ellipsis: glyphs.ellipsis
        )
        return [table.heading]
            + picture.nodes.map { node in
                let parked = node.parked.sorted { $0.key < $1.key }.map { "\($0.key) parked: \($0.value)" }
                let state = (node.isDraining ? ["draining"] : []) + parked
                return table.line([
                    .init(node.name), .init(AgeText.since(node.startedAt, now: picture.at)), .init("\(node.granted)"),
                    .init(node.leads.joined(separator: " ")),
                    state.isEmpty ? .init("works", .good) : .init(state.joined(separator: ", "), .warning),
                ])
            }
    }

    /// Only those that fail.
    func webhooks(_ picture: TopPicture, _ state: TopState) -> [StyledLine] {
        let wanted = picture.webhooks.filter { isWanted($0.tenant, $0.host, by: state) }
        guard !wanted.isEmpty else { return [] }
        let table = TopTable(
            [
                .init(title: "FAILING WEBHOOK", width: 20, isRight: false, most: 44),
                .init(title: "TENANT", width: 14, isRight: false), .init(title: "STATE", width: 18, isRight: false),
                .init(title: "FAILED", width: 7, importance: 1), .init(title: "SINCE", width: 7),
            ],
            width: width,
            ellipsis: glyphs.ellipsis
        )
        return [table.heading]
            + wanted.map { hook in
                table.line([
                    .init(hook.host), .init(hook.tenant), .init(hook.state, .bad),
                    .init(CountText.text(hook.failures, width: 7)), .init(AgeText.since(hook.since, now: picture.at)),
                ])
            }
    }
}

extension TopPicture.Lane {
    /// For sorting: what never ends comes first, what waits for nothing last.
    fileprivate var wait: Double { ready == 0 ? -1 : eta ?? .infinity }
}
