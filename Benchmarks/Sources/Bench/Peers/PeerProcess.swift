import Foundation
import Glibc
import Measure

/// A library's processes while they are measured: they connect, start at a signal, say what they did, and are ended.
struct PeerProcess: Sendable {
    /// What they say.
    struct Report: Decodable, Sendable {
        let messages: Int
        let seconds: Double
        /// Their CPU seconds.
        let processor: Double
        let processes: Int
        let contract: String
        let version: String
    }

    struct Reading: Sendable {
        var report: Report
        /// CPU seconds of PostgreSQL.
        var database: Double
        var work: DatabaseWork
    }

    let library: PeerLibrary
    let server: DatabaseServer
    let database: String

    func run(_ what: String, _ arguments: [String], seconds: Double) async throws -> Reading {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-bench-\(database)")
            .path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = try library.program(what, arguments, url: server.url(database))
        let child = try await Child(name: library.rawValue, program, folder: folder)
        defer { child.dispose() }
        func says(_ text: String, within limit: Double) async throws {
            try await eventually("\(library.name) says \(text)", within: limit, every: 0.01) {
                guard child.isRunning else { throw Failure("\(library.name) has ended: \(child.complaints())") }
                return child.hasSaid(text)
            }
        }
        try await says("ready\n", within: 180)
        try await server.query("CHECKPOINT;", database: database)
        let work = try await server.work(database)
        let before = try server.processorSeconds()
        child.signal(SIGUSR1)
        try await says(#""version": "#, within: seconds + 60)
        let after = try server.processorSeconds()
        child.dispose()
        try await server.deserted(database)
        let text = try String(contentsOfFile: child.log, encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(#"{"messages""#) }) else {
            throw Failure("\(library.name) gives no figures: \(text.suffix(400))")
        }
        return Reading(
            report: try JSONDecoder().decode(Report.self, from: Data(line.utf8)),
            database: after - before,
            work: try await server.work(database).since(work)
        )
    }
}
