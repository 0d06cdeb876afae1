import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// moto in the place of SES: what it stores is what was posted.
    @Suite("moto as SES", .enabled(if: Moto.folder != nil, "SLUICE_REFEREES names no virtual environment"))
    struct MotoTests {
        struct Parsed: Decodable {
            let from: String
            let subject: String
            let text: String
            let html: String
            let name: String
            let attachment: String
            let destinations: [String]
        }

        private static let script = """
            import base64, email, json, sys
            from email import policy
            stored = json.load(open(sys.argv[1]))['ses']['RawMessage']
            assert len(stored) == 1, len(stored)
            message = email.message_from_string(stored[0]['raw_data'], policy=policy.default)
            part, = message.iter_attachments()
            print(json.dumps({
                'from': str(message['from']), 'subject': str(message['subject']),
                'text': message.get_body(('plain',)).get_content(), 'html': message.get_body(('html',)).get_content(),
                'name': part.get_filename(), 'attachment': base64.b64encode(part.get_content()).decode(),
                'destinations': stored[0]['destinations']}))
            """

        @Test("A message with an attachment parses to what was posted", .timeLimit(.minutes(5)))
        func attachment() async throws {
            try await Moto.with { moto in
                try await moto.verify("apa.example")
                var plan = ClusterPlan()
                plan.accounts[0].endpoint = moto.url
                try await Cluster.with(plan) { cluster in
                    let node = try await cluster.startNode()
                    let api = try cluster.api(at: node)
                    let bytes = Data((0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
                    let submission = Submission(
                        from: "Jörg Müller <shop@apa.example>",
                        to: ["reader@example.org"],
                        subject: "Rechnung für Mai – 12 €",
                        text: "Grüße aus Wien\n",
                        html: "<p>Grüße aus <b>Wien</b></p>\n",
                        attachments: [
                            .init(
                                filename: "Übersicht.bin",
                                content: bytes.base64EncodedString(),
                                contentType: "application/x-figures"
                            )
                        ]
                    )
                    let id = try await api.send(submission).id
                    #expect(try await api.ended([id]).values.map(\.status) == ["sent"])
                    let file = cluster.folder.appending(path: "moto.json")
                    try Data(try await moto.data()).write(to: file)
                    let parsed = try await Python.run(Self.script, file.path(), as: Parsed.self)
                    #expect(parsed.from == "Jörg Müller <shop@apa.example>")
                    #expect(parsed.subject == submission.subject)
                    #expect(parsed.text.replacing("\r\n", with: "\n") == submission.text)
                    #expect(parsed.html.replacing("\r\n", with: "\n") == submission.html)
                    #expect(parsed.name == "Übersicht.bin")
                    #expect(Data(base64Encoded: parsed.attachment) == bytes)
                    // It adds the To header's to those of the envelope.
                    #expect(Set(parsed.destinations) == ["reader@example.org"])
                }
            }
        }
    }
}
