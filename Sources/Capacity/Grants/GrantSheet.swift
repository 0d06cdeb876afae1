/// All grants of an account in the making: the rows as they are, and what they are to be.
struct GrantSheet: Sendable {
    private struct Line {
        let row: GrantRow
        let isNew: Bool
        var isPlaced = false
        var target = 0
        var granted: Int
    }

    /// By index of the tree; the last entry is for shares that the tree does not know.
    private var lines: [[Line]]

    init(_ rows: [GrantRow], indices: [Int32: Int], count: Int) {
        lines = Array(repeating: [], count: count + 1)
        for row in rows {
            lines[indices[row.share] ?? count].append(Line(row: row, isNew: false, granted: row.granted))
        }
    }

    /// Puts a share on these workers.
    mutating func place(_ index: Int, share: Int32, on workers: [Worker]) {
        for worker in workers {
            if let known = lines[index].firstIndex(where: { $0.row.worker == worker }) {
                lines[index][known].isPlaced = true
            } else {
                let row = GrantRow(share: share, worker: worker, granted: 0, held: 0, version: 0, wanted: 0)
                lines[index].append(Line(row: row, isNew: true, isPlaced: true, granted: 0))
            }
        }
    }

    func isPlaced(_ index: Int) -> Bool { lines[index].contains(where: \.isPlaced) }
    func granted(_ index: Int) -> Int { lines[index].reduce(0) { $0 + $1.granted } }

    /// Every credit that may be with a worker, as raised up to now.
    func held(_ index: Int) -> Int { lines[index].reduce(0) { $0 + max($1.row.held, $1.granted) } }

    var allHeld: Int { lines.indices.reduce(0) { $0 + held($1) } }

    /// What the share has a use for. Workers that it is being moved from see the same backlog as those that it is moved to,
    /// which may not have looked yet.
    func wanted(_ index: Int) -> Int {
        var placed = 0
        var other = 0
        for line in lines[index] {
            if line.isPlaced { placed += line.row.wanted } else { other = max(other, line.row.wanted) }
        }
        return max(placed, other)
    }

    /// Divides each share's target among its workers, evenly as far as they have a use for it.
    mutating func aim(at targets: [Int]) {
        for (index, target) in targets.enumerated() where target > 0 {
            let placed = lines[index].indices.filter { lines[index][$0].isPlaced }
            if placed.count == 1 {
                lines[index][placed[0]].target = target
                continue
            }
            let used = WaterFill(target, among: placed.map { .init(weight: 1, cap: lines[index][$0].row.wanted) })
            let rest = WaterFill(
                target - used.parts.reduce(0, +),
                among: placed.map { _ in .init(weight: 1, cap: target) }
            )
            for (place, line) in placed.enumerated() {
                lines[index][line].target = used.parts[place] + rest.parts[place]
            }
        }
    }

    mutating func lower() {
        forEachLine { $0.granted = min($0.granted, $0.target) }
    }

    /// Raises grants towards their targets as far as credits have come back: first one credit for whoever has none and is
    /// promised some, then what is promised, then what is borrowed.
    mutating func raise(within limits: inout GrantLimits, tree: ShareTree) {
        func promised(_ index: Int) -> Int { min(tree.nodes[index].ownRate, wanted(index)) }
        for index in tree.nodes.indices where limits.free > 0 && promised(index) > 0 && held(index) == 0 {
            raise(index, by: 1, within: &limits)
        }
        for step in 0..<3 {
            var needs: [(index: Int, need: Int)] = []
            for index in tree.nodes.indices {
                let need = missing(index)
                guard need > 0 else { continue }
                let part =
                    switch step {
                    case 0: min(need, promised(index) - granted(index))
                    case 1: min(need, tree.nodes[index].ownRate - granted(index))
                    default: need
                    }
                if part > 0 { needs.append((index, part)) }
            }
            let fill = WaterFill(
                limits.free + needs.reduce(0) { $0 + returning($1.index) },
                among: needs.map { .init(weight: $0.need, cap: $0.need) }
            )
            for (place, entry) in needs.enumerated() { raise(entry.index, by: fill.parts[place], within: &limits) }
        }
    }

    /// Credits of a share that are on their way back, and can be granted again for nothing.
    private func returning(_ index: Int) -> Int {
        lines[index].reduce(0) { $0 + max(0, min($1.target, $1.row.held) - $1.granted) }
    }

    private func missing(_ index: Int) -> Int { lines[index].reduce(0) { $0 + max(0, $1.target - $1.granted) } }

    private mutating func raise(_ index: Int, by credits: Int, within limits: inout GrantLimits) {
        var left = credits
        for line in lines[index].indices where left > 0 {
            let entry = lines[index][line]
            let part = min(left, entry.target - entry.granted)
            guard part > 0 else { continue }
            let free = min(part, max(0, entry.row.held - entry.granted))
            let taken = limits.take(part - free, at: index)
            lines[index][line].granted += free + taken
            left -= free + taken
        }
    }

    var changes: [GrantPlan.Change] {
        lines.flatMap { share in
            share.filter { $0.isNew || $0.granted != $0.row.granted }.map {
                GrantPlan.Change(share: $0.row.share, worker: $0.row.worker, granted: $0.granted)
            }
        }
    }

    /// Rows that hold nothing and are placed elsewhere.
    var idle: [GrantRow] {
        lines.flatMap { share in share.filter { !$0.isPlaced && $0.granted == 0 && $0.row.held == 0 }.map(\.row) }
    }

    /// Some share has less than its target.
    var isShort: Bool { lines.contains { $0.contains { $0.granted < $0.target } } }

    private mutating func forEachLine(_ body: (inout Line) -> Void) {
        for index in lines.indices {
            for line in lines[index].indices { body(&lines[index][line]) }
        }
    }
}
