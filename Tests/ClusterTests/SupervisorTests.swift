import Foundation
import Testing

extension RealProcesses.OneByOne {
    /// What a real process tells a socket that stands where systemd's would.
    @Suite("sd_notify") struct SupervisorTests {
        private static let listener = """
            import socket, sys
            end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            end.bind(sys.argv[1])
            print("bound", flush=True)
            while True:
                print(end.recv(4096).decode().replace("\\n", "|"), flush=True)
            """

        @Test("Ready, signs of life, and a stop are told", .timeLimit(.minutes(5)))
        func isTold() async throws {
            try await Cluster.with { cluster in
                // A path of a socket has 107 bytes.
                let socket = "/tmp/sluice-notify-\(UUID().uuidString.prefix(8))"
                defer { try? FileManager.default.removeItem(atPath: socket) }
                let supervisor = try await ChildProcess(
                    name: "supervisor",
                    Program(
                        path: "/usr/bin/env",
                        arguments: ["python3", "-c", Self.listener, socket],
                        environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"]
                    ),
                    folder: cluster.folder
                )
                defer { supervisor.dispose() }
                func told(_ what: String) async throws {
                    try await eventually("\(what) is told") {
                        supervisor.lines().contains { $0.split(separator: "|").contains { $0 == what } }
                    }
                }
                try await told("bound")
                let node = try await cluster.startNode(
                    environment: ["NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "3000000"]
                )
                try await told("READY=1")
                try await told("STATUS=ready")
                try await eventually("more than one sign of life") {
                    supervisor.lines().count(where: { $0.contains("WATCHDOG=1") }) > 2
                }
                #expect(!supervisor.lines().contains { $0.contains("STOPPING") })
                node.process.signal(SIGTERM)
                try await told("STOPPING=1")
                #expect(try await node.process.end() == 0)
            }
        }
    }
}
