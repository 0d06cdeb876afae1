import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// From the header of a mail at SES to the click, and to the mail that is not sent any more.
    @Suite("Unsubscribing") struct UnsubscribeTests {
        private static let base = "https://send.example.com"

        /// The path of the link in a mail's header, wherever that is.
        private static func path(_ message: SimulatorAPI.Message) throws -> String {
            var fields = message.simple?.headers?.map { "\($0.name): \($0.value)" } ?? []
            if let raw = message.raw.flatMap({ Data(base64Encoded: $0) }) {
                fields = String(decoding: raw, as: UTF8.self).split(separator: "\r\n").map(String.init)
            }
            try #require(fields.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
            let field = try #require(
                fields.first { $0.hasPrefix("List-Unsubscribe: <\(base)/u/") && $0.hasSuffix(">") }
            )
            return String(field.dropFirst("List-Unsubscribe: <\(base)".count).dropLast())
        }

        @Test("A click ends bulk mail, on whichever node, and other mail still goes", .timeLimit(.minutes(10)))
        func click() async throws {
            let plan = ClusterPlan(environment: ["SLUICE_PUBLIC_URL": Self.base + "/"])
            try await Cluster.with(plan) { cluster in
                let sender = try await cluster.startNode()
                let other = try await cluster.startNode()
                let api = try cluster.api(at: sender)
                let plain = Submission(to: ["ann@example.org"], stream: "bulk")
                let attachment = Submission.Attachment(filename: "a.txt", content: "SGk=", contentType: "text/plain")
                let mixed = Submission(to: ["bob@example.org"], attachments: [attachment], stream: "bulk")
                let receipt = Submission(to: ["eve@example.org"])
                var ids: [String] = []
                for submission in [plain, mixed, receipt] { ids.append(try await api.send(submission).id) }
                _ = try await api.ended(ids)
                let sent = try await cluster.simulator.messages(limit: 10)
                func mail(_ id: String) throws -> SimulatorAPI.Message {
                    try #require(sent.first { $0.messageID(tag: "sluice-id") == id })
                }
                #expect(try mail(ids[2]).simple?.headers?.isEmpty ?? true, "transactional mail has no link")
                for id in ids[..<2] {
                    let url = try other.url + Self.path(mail(id))
                    #expect(try await LocalHTTP.send(.get, url).status == 200)
                    #expect(
                        try await cluster.rows(in: "suppression") == (id == ids[0] ? 0 : 1),
                        "a look changes nothing"
                    )
                    for _ in 0..<2 {
                        let click = try await LocalHTTP.send(
                            .post,
                            url,
                            headers: ["Content-Type": "application/x-www-form-urlencoded"],
                            body: Array("List-Unsubscribe=One-Click".utf8)
                        )
                        #expect(click.status == 200)
                    }
                }
                #expect(try await cluster.rows(in: "suppression") == 2)
                #expect(try await api.send(plain).status == "suppressed")
                #expect(try await api.send(mixed).status == "suppressed")
                #expect(try await api.send(Submission(to: ["ann@example.org"])).status == "queued")
                #expect(try await api.events(ids[0]).contains("email.unsubscribed"))
                for node in [sender, other] {
                    #expect(!node.process.lines().contains { $0.contains("/u/") && !$0.contains("/u/{token}") })
                }
            }
        }
    }
}
