public import Directory
public import Foundation

/// The nodes that live, what each works on, and which leads what.
public struct NodesPage: Sendable {
    let nodes: [NodeFigures]
    let now: Date

    public init(nodes: [NodeFigures], now: Date) {
        self.nodes = nodes
        self.now = now
    }

    public var page: DashboardPage {
        DashboardPage(
            title: "Nodes",
            section: "/dashboard/nodes",
            body: "<h1>Nodes and leaders</h1>\n\(cards)",
            live: "/dashboard/live/nodes"
        )
    }

    public var parts: [LivePart] { [LivePart(id: "nodes", cards)] }

    private var cards: HTML {
        guard !nodes.isEmpty else {
            return "<div id=\"nodes\"><p class=\"card empty\">No node has a lease: nothing is sent.</p></div>"
        }
        return "<div id=\"nodes\" class=\"cards\">\(nodes.map(card))</div>"
    }

    private func card(_ node: NodeFigures) -> HTML {
        let leads = node.work.count(where: \.isLeader)
        let rows = node.work.prefix(100).map { work -> [HTML] in
            let state: HTML =
                if let parked = work.parked { Badge.html(parked, .bad) } else if work.isDraining {
                    Badge.html("draining", .warn)
                } else {
                    work.isLeader ? Badge.html("leads", .good) : "works"
                }
            return [
                "<a href=\"\(AccountLink.path(work.account))\">\(work.account)</a>", state,
                "\(Words.number(work.granted))",
                "\(work.shares.isEmpty ? "-" : work.shares.prefix(12).map { $0.isEmpty ? "the account" : $0 }.joined(separator: ", "))",
            ]
        }
        let table: HTML =
            rows.isEmpty
            ? "<p class=\"empty\">Works for no account.</p>"
            : Table("Work", [.text("Account"), .text("Part"), .number("Credits"), .text("Shares")], rows: Array(rows))
                .html
        return """
            <article class="card"><div class="head"><h2>\(node.name)</h2>\(Badge.html(leads > 0 ? "leads \(leads)" : "lives", .good))</div>
            <dl class="facts"><dt>Roles</dt><dd>\(node.roles.joined(separator: ", "))</dd>\
            <dt>Life</dt><dd>epoch \(Int(node.epoch)), since \(Words.age(node.startedAt, now: now))</dd></dl>\(table)</article>
            """
    }
}
