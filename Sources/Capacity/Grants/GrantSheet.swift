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

    /// What the share has a use for, by all who serve it. A worker that it is being moved from says what it still uses.
    func wanted(_ index: Int) -> Int { lines[index].reduce(0) { $0 + $1.row.wanted } }

    /// Divides each share's target among its workers: evenly as far as they have a use for it, the rest to whoever has it.
    mutating func aim(at targets: [Int]) {
        for (index, target) in targets.enumerated() where target > 0 {
            let placed = lines[index].indices.filter { lines[index][$0].isPlaced }
            if placed.count == 1 {
                lines[index][placed[0]].target = target
                continue
            }
            var left = target
            for step in 0..<3 {
                let claimants = placed.map { place in
                    let line = lines[index][place]
                    let cap =
                        switch step {
                        case 0: line.row.wanted
                        case 1: max(0, line.granted - line.target)
                        default: left
                        }
                    return WaterFill.Claimant(weight: 1, cap: cap)
                }
                let fill = WaterFill(left, among: claimants)
                for (place, line) in placed.enumerated() { lines[index][line].target += fill.parts[place] }
                left -= fill.parts.reduce(0, +)
            }
        }
    }

    /// Takes what is above the targets, and gives back what is on its way home but may stay: its worker still has it.
    mutating func lower() {
        for index in lines.indices {
            for line in lines[index].indices {
                let entry = lines[index][line]
                lines[index][line].granted = min(entry.target, max(entry.granted, entry.row.held))
            }
        }
    }

    /// Raises grants towards their targets as far as credits have come back: first one credit for whoever has none and is
    /// promised some, then what is promised, then what is borrowed, then what goes home unused.
    mutating func raise(within limits: inout GrantLimits, tree: ShareTree) {
        guard limits.free > 0 else { return }
        let short = tree.nodes.indices.filter { missing($0) > 0 }
        func promised(_ index: Int) -> Int { min(tree.nodes[index].ownRate, wanted(index)) }
        for index in short where promised(index) > 0 && held(index) == 0 { raise(index, by: 1, within: &limits) }
        for step in 0..<3 where limits.free > 0 {
            let needs = short.map { index in
                switch step {
                case 0: max(0, min(missing(index), promised(index) - granted(index)))
                case 1: max(0, min(missing(index), wanted(index) - granted(index)))
                default: missing(index)
                }
            }
            let fill = WaterFill(limits.free, among: needs.map { .init(weight: max(1, $0), cap: $0) })
            for (place, index) in short.enumerated() where fill.parts[place] > 0 {
                raise(index, by: fill.parts[place], within: &limits)
            }
        }
    }

    private func missing(_ index: Int) -> Int { lines[index].reduce(0) { $0 + max(0, $1.target - $1.granted) } }

    private mutating func raise(_ index: Int, by credits: Int, within limits: inout GrantLimits) {
        var left = credits
        for line in lines[index].indices where left > 0 {
            let part = min(left, lines[index][line].target - lines[index][line].granted)
            guard part > 0 else { continue }
            let taken = limits.take(part, at: index)
            lines[index][line].granted += taken
            left -= taken
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
}
