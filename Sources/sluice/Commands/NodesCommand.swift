import ArgumentParser
import Directory
import Foundation
import Top

struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "Show the nodes that have a lease, and what they send for."
    )

    @OptionGroup var options: DatabaseOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    private struct Line: Encodable {
        struct Work: Encodable {
            let account: String
            let leader: Bool
            let draining: Bool
            let parked: String?
            let granted: Int
            let shares: [String]

            var cells: [String] {
                let states = [leader ? "leader" : nil, draining ? "draining" : nil, parked.map { "parked: \($0)" }]
                return [
                    account, states.compactMap { $0 }.joined(separator: ", "), "\(granted)",
                    shares.map { $0.isEmpty ? "(account)" : $0 }.joined(separator: " "),
                ]
            }
        }

        let name: String
        let epoch: Int64
        let roles: [String]
        let started_at: Date
        let work: [Work]

        init(_ node: NodeFigures) {
            name = node.name
            epoch = node.epoch
            roles = node.roles
            started_at = node.startedAt
            work = node.work.map { work in
                Work(
                    account: work.account,
                    leader: work.isLeader,
                    draining: work.isDraining,
                    parked: work.parked,
                    granted: work.granted,
                    shares: work.shares
                )
            }
        }

        /// A row for each account; the node is named in the first.
        var rows: [[String]] {
            let node = [name, "\(epoch)", AgeText.since(started_at), roles.joined(separator: ",")]
            let parts = work.isEmpty ? [["", "", "", ""]] : work.map(\.cells)
            return parts.enumerated().map { index, cells in (index == 0 ? node : ["", "", "", ""]) + cells }
        }
    }

    func run() async throws {
        let lines = try await DatabaseAccess.withPool(options) { try await ClusterReader(pool: $0).nodes() }.map(
            Line.init
        )
        if json { return try Output.json(lines) }
        Output.table(
            ["NODE", "EPOCH", "UP", "ROLES", "ACCOUNT", "STATE", "GRANTED", "SHARES"],
            lines.flatMap(\.rows)
        )
    }
}
