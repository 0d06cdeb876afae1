import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// Where programs are sent to.
    @Suite("public_url") struct PublicURLTests {
        private struct Document: Decodable {
            struct Server: Decodable {
                let url: String
            }

            let servers: [Server]
        }

        @Test("openapi.json names it, and one with a path is refused at the start", .timeLimit(.minutes(5)))
        func isNamed() async throws {
            try await Cluster.with { cluster in
                let file = cluster.folder.appending(path: "node.yaml")
                for wrong in ["https://a.example/mail", "a.example", "ftp://a.example", "https://a.example:x", "7"] {
                    try Data("public_url: \"\(wrong)\"\n".utf8).write(to: file)
                    let output = try await cluster.command("serve", "--config", file.path()).run()
                    #expect(output.status == 1 && output.errors.contains("/public_url must be a scheme"), "\(wrong)")
                }
                try Data("public_url: https://send.example.com/\n".utf8).write(to: file)
                let node = try await cluster.startNode(environment: ["SLUICE_CONFIG": file.path()])
                let document = try await LocalHTTP.get("\(node.url)/openapi.json", headers: [:], as: Document.self)
                #expect(document.servers.map(\.url) == ["https://send.example.com"])
            }
        }
    }
}
