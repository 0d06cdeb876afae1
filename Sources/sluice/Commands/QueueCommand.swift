import ArgumentParser
import Directory
import Foundation
import Outbox
import Top

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Show what waits in each lane, and in each share together.",
        discussion:
            "READY waits for credits, DEFERRED for a time: scheduled mail, retries, outcomes that are not known."
    )

    @OptionGroup var options: DatabaseOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    private struct Line: Encodable {
        let lane: String
        /// `account/share/path`.
        let share: String
        let ready: Int
        let deferred: Int
        let oldest_at: Date?

        init(_ depth: QueueDepth, in directory: DirectorySnapshot) {
            let lane = directory.lanes[depth.laneID]
            self.lane = lane?.name ?? "lane \(depth.laneID)"
            share = lane.flatMap(directory.shareName) ?? ""
            ready = depth.ready
            deferred = depth.deferred
            oldest_at = depth.oldestAt
        }
    }

    func run() async throws {
        let lines = try await DatabaseAccess.withPool(options) { pool in
            let directory = try await DirectoryLoader.load(pool)
            return try await QueueDepth.all(pool).map { Line($0, in: directory) }
        }
        if json { return try Output.json(lines) }
        let shares = Dictionary(grouping: lines, by: \.share).sorted { $0.key < $1.key }
        Output.table(
            ["LANE", "READY", "DEFERRED", "OLDEST"],
            shares.flatMap { share, lanes in
                [cells(share.isEmpty ? "(unknown)" : share, of: lanes)]
                    + lanes.sorted { $0.lane < $1.lane }.map { cells("  " + $0.lane, of: [$0]) }
            }
        )
    }

    private func cells(_ name: String, of lines: [Line]) -> [String] {
        [
            name, "\(lines.map(\.ready).reduce(0, +))", "\(lines.map(\.deferred).reduce(0, +))",
            AgeText.since(lines.compactMap(\.oldest_at).min()),
        ]
    }
}

extension DirectorySnapshot {
    /// `account/share/path` of a lane.
    fileprivate func shareName(of lane: Lane) -> String? {
        guard let account = accounts[lane.accountID] else { return nil }
        let path = account.shareIDs.first { $0.value == lane.shareID }?.key ?? ""
        return path.isEmpty ? account.name : "\(account.name)/\(path)"
    }
}
