import Capacity

/// A share of a nested tree with its path, without its children.
struct ShareRow {
    let path: String
    let share: Share

    static func flatten(_ shares: [Share], below parent: String = "") -> [ShareRow] {
        shares.flatMap { share in
            let path = SharePath.child(share.name, of: parent)
            var alone = share
            alone.children = []
            return [ShareRow(path: path, share: alone)] + flatten(share.children, below: path)
        }
    }

    var summary: String {
        "rate \(share.rate), ceiling \(ceiling), weight \(share.weight)" + (share.lend ? "" : ", does not lend")
    }

    /// In words; empty when they mean the same.
    func difference(from old: ShareRow) -> String {
        var parts: [String] = []
        if old.share.rate != share.rate { parts.append("rate \(old.share.rate) -> \(share.rate)") }
        if old.ceiling != ceiling { parts.append("ceiling \(old.ceiling) -> \(ceiling)") }
        if old.share.weight != share.weight { parts.append("weight \(old.share.weight) -> \(share.weight)") }
        if old.share.lend != share.lend { parts.append("lend \(old.share.lend) -> \(share.lend)") }
        return parts.joined(separator: ", ")
    }

    private var ceiling: String { share.ceilingCredits.map(String.init) ?? "the parent's" }
}

extension Share {
    /// The ceiling as a number, or nil for the parent's.
    var ceilingCredits: Int? {
        switch ceiling {
        case .rate: rate
        case .credits(let credits): credits
        case .parent: nil
        }
    }
}
