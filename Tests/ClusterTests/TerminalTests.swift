import DevDatabase
import Foundation
import Testing

extension RealProcesses.OneByOne {
    @Suite("sluice top, in a terminal and in a pipe") struct TerminalTests {
        private struct Observations: Decodable {
            struct Looks: Decodable {
                let lines: Int
                let widest: Int
                let small_widest: Int
                let status: Int
                let restored: Bool
            }

            struct End: Decodable {
                let status: Int
                let restored: Bool
            }

            let looks: Looks
            let interrupted: End
            let terminated: End
            let hung_up: End
            let suspended: End
            let stopped: End
        }

        @Test(
            "Keys, sizes, signals: the picture follows, and the terminal is always given back",
            .timeLimit(.minutes(5))
        )
        func terminal() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                try await Load().post(20, to: [try cluster.api(at: node)])
                let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
                    path: "../terminal/drive.py"
                )
                let top = cluster.command("top", "--interval", "200ms")
                var driver = Program(
                    path: "/usr/bin/env",
                    arguments: ["python3", script.standardized.path(), top.path] + top.arguments,
                    environment: top.environment,
                    folder: top.folder
                )
                driver.environment["TERM"] = "xterm-256color"
                driver.environment["LANG"] = "C.UTF-8"
                driver.environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
                let text = try await driver.succeed()
                let seen = try JSONDecoder().decode(Observations.self, from: Data(text.utf8))
                #expect(seen.looks.lines == 24)
                #expect(seen.looks.widest <= 80)
                #expect(seen.looks.small_widest <= 60)
                #expect(seen.looks.status == 0 && seen.looks.restored)
                for end in [seen.interrupted, seen.terminated, seen.hung_up, seen.suspended, seen.stopped] {
                    #expect(end.status == 0 && end.restored, "\(seen)")
                }
            }
        }

        @Test("In a pipe: lines, one picture, JSON; without a database it says so", .timeLimit(.minutes(5)))
        func pipe() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                try await Load().post(20, to: [try cluster.api(at: node)])
                let once = try await cluster.command("top", "--once").succeed()
                #expect(once.contains("led by") && once.contains("SHARE") && !once.contains("\u{1B}"), "\(once)")
                let (account, nodes) = try await led(cluster)
                #expect(account["name"] as? String == "main")
                #expect(account["rate_in_force"] as? Double == 500)
                #expect(nodes == 1)
                let unknown = try await cluster.command("top", "nobody", "--once").run()
                #expect(unknown.status == 1 && unknown.errors.contains("there is no account 'nobody'"))
                var lost = cluster.command("top", "--once")
                lost.environment["SLUICE_DATABASE_URL"] = "postgres://sluice@/x?host=\(cluster.folder.path())"
                let failure = try await lost.run()
                #expect(failure.status == 1 && !failure.errors.isEmpty)
            }
        }

        /// The account `main` and the number of nodes in a picture as JSON, from when a leader has told its rate: it
        /// leads before it has told anything. What was last seen, if that takes longer than half a minute.
        private func led(_ cluster: Cluster) async throws -> (account: [String: Any], nodes: Int?) {
            let limit = ContinuousClock.now + .seconds(30)
            while true {
                let json = try await cluster.command("top", "main", "--once", "--json").succeed()
                let picture = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
                let account = try #require((picture["accounts"] as? [[String: Any]])?.first)
                if account["rate_in_force"] is Double || ContinuousClock.now > limit {
                    return (account, (picture["nodes"] as? [Any])?.count)
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
