import DevDatabase
import Foundation
import Glibc
import Testing

extension RealProcesses.OneByOne {
    @Suite("The database is restored from a backup") struct RestoreTests {
        private struct Answer: Decodable {
            let doubtful: Int
            let untouched: Int
        }

        /// A standby that has stopped following is a backup of the moment at which it did.
        @Test("What was sent since the backup is not sent again, until somebody decides", .timeLimit(.minutes(5)))
        func restored() async throws {
            try await DatabaseServer.withPair(isSynchronous: false) { primary, backup in
                var plan = ClusterPlan(environment: ["SLUICE_UNKNOWN_GRACE": "2s"])
                plan.accounts[0].rate = 100
                plan.accounts[0].shares = ["AT": 60, "UK": 40]
                try await Cluster.with(plan, server: primary, standby: backup) { cluster in
                    let first = try await cluster.startNode()
                    let load = Load()
                    try await load.post(600, to: [try cluster.api(at: first)])
                    let place = try await cluster.text("SELECT pg_current_wal_lsn()::text") ?? ""
                    try await eventually("the backup has all posts") {
                        try await cluster.text(
                            "SELECT 'yes' FROM pg_stat_replication WHERE replay_lsn >= '\(place)'::pg_lsn"
                        ) != nil
                    }
                    await backup.stop(mode: .immediate)
                    let atBackup = try await cluster.simulator.summary().accepted
                    #expect(atBackup < 500, "there is something left to do")
                    try await eventually("100 more are sent") {
                        try await cluster.simulator.summary().accepted >= atBackup + 100
                    }
                    first.process.signal(SIGTERM)
                    #expect(try await first.process.end() == 0)
                    try await primary.kill9()
                    try await backup.start()
                    try await backup.promote()
                    try await Self.goOn(cluster, load)
                }
            }
        }

        private static func goOn(_ cluster: Cluster, _ load: Load) async throws {
            let before = try await cluster.simulator.summary().accepted
            let text = try await cluster.command("restored", "--grace", "1h", "--json").succeed()
            let answer = try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
            #expect(answer.doubtful >= 100)
            let node = try await cluster.startNode()
            let refused = try await cluster.command("restored").run()
            #expect(refused.status == 1 && refused.errors.contains("stop all nodes"), "\(refused.errors)")
            // New mail goes out, what is in doubt does not.
            let fresh = Load()
            let api = try cluster.api(at: node)
            try await fresh.post(50, to: [api])
            _ = try await api.ended(fresh.notes.promised.keys)
            #expect(try await cluster.simulator.summary().accepted == before + 50)
            let doubled = Dictionary(
                grouping: try await cluster.simulator.ledger().filter(\.isAccepted).compactMap(\.messageID),
                by: \.self
            ).filter { $0.value.count > 1 }
            #expect(doubled.isEmpty)
            // Resending is the tenant's policy: then each second time is one that was recorded as unknown.
            let decided = try await cluster.command("restored", "--decide").succeed()
            #expect(decided.contains("decided"))
            let checker = try await Checker(load, api: api, simulator: cluster.simulator)
            print("Restored: \(answer.doubtful) in doubt; \(checker.figures)")
            #expect(checker.lost.isEmpty)
            #expect(checker.duplicates.isEmpty)
            #expect(checker.notSent.isEmpty)
        }

        @Test(
            "The drill restores a base backup and its archive, says what is in it, and leaves nothing",
            .timeLimit(.minutes(5))
        )
        func drill() async throws {
            let archive = "/tmp/sluice-archive-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: archive, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: archive)
            defer { try? FileManager.default.removeItem(atPath: archive) }
            let settings = ["archive_mode": "on", "archive_command": "cp %p \(archive)/%f"]
            try await DatabaseServer.with(durability: .full, settings: settings) { server in
                try await Cluster.with(server: server) { cluster in
                    let node = try await cluster.startNode()
                    let load = Load()
                    try await load.post(30, to: [try cluster.api(at: node)])
                    // A standby's data before its first start are a base backup.
                    let backup = try await server.makeStandby(folder: server.configuration.folder + "-backup")
                    try await load.post(40, to: [try cluster.api(at: node)])
                    // All of it must be in the archive: else it would not have the last posts.
                    let last = try await cluster.text("SELECT pg_walfile_name(pg_current_wal_lsn())") ?? ""
                    _ = try await cluster.text("SELECT pg_switch_wal()::text")
                    try await eventually("the archive is complete") {
                        try await cluster.text(
                            "SELECT 'yes' FROM pg_stat_archiver WHERE last_archived_wal >= '\(last)'"
                        ) != nil
                    }
                    let script = URL(filePath: #filePath).deletingLastPathComponent()
                        .appending(path: "../../deploy/restore-drill").standardized.path()
                    let database = try #require(URL(string: cluster.databaseURL)?.lastPathComponent)
                    var drill = cluster.command()
                    drill.arguments = [
                        script, "--backup", backup.dataPath, "--wal", archive, "--database", database, "--user",
                        PrivatePostgres.user, "--sluice", drill.path,
                    ]
                    drill.path = "/bin/bash"
                    let output = try await drill.run()
                    print(output.text)
                    #expect(output.status == 0, "\(output.text)\(output.errors)")
                    #expect(output.text.contains("messages: 70"), "\(output.text)")
                    #expect(output.text.contains("the backup is good"))
                    drill.arguments[2] = "/nowhere"
                    #expect(try await drill.run().status == 1)
                    try? await PrivatePostgres.removeData(folder: backup.configuration.folder)
                }
            }
        }
    }
}
