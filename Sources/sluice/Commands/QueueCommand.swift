import ArgumentParser
import Directory
import Foundation
import Outbox

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "queue", abstract: "Show what waits in each lane.")

    @OptionGroup var options: DatabaseOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    private struct Line: Encodable {
        let lane: String
        let ready: Int
        let deferred: Int
        let oldest_at: String?
    }

    func run() async throws {
        let lines = try await DatabaseAccess.withPool(options) { pool in
            let directory = try await DirectoryLoader.load(pool)
            return try await QueueDepth.all(pool).map { depth in
                Line(
                    lane: directory.lanes[depth.laneID]?.name ?? "lane \(depth.laneID)",
                    ready: depth.ready,
                    deferred: depth.deferred,
                    oldest_at: depth.oldestAt?.formatted(.iso8601)
                )
            }
        }
        if json { return try Output.json(lines) }
        Output.table(
            ["LANE", "READY", "DEFERRED", "OLDEST"],
            lines.map { [$0.lane, "\($0.ready)", "\($0.deferred)", $0.oldest_at ?? ""] }
        )
    }
}
