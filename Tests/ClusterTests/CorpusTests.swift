import Foundation
import Mail
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// Real messages: the test corpus of CPython's own `email` package, where the Python that runs here brings it.
    @Suite("Real messages") struct CorpusTests {
        struct Entry: Decodable, Sendable {
            let name: String
            /// As posted, and what must arrive: without the Bcc fields. Base64.
            let data: String
            let expected: String
            let domains: [String]
        }

        private static let script = #"""
            import base64, email, glob, json, os, re
            from email import policy, utils
            try:
                import test.test_email
                folder = os.path.join(os.path.dirname(test.test_email.__file__), 'data')
            except ImportError:
                folder = ''
            entries = []
            for path in sorted(glob.glob(os.path.join(folder, 'msg_*.txt'))):
                data = open(path, 'rb').read()
                head, blank, body = re.match(rb'(?s)(.*?)(\r?\n\r?\n|\Z)(.*)', data).groups()
                message = email.message_from_bytes(data, policy=policy.compat32)
                addresses = utils.getaddresses([str(v) for n in ('from', 'sender', 'return-path')
                                                for v in message.get_all(n, [])])
                kept = re.sub(rb'(?im)^(resent-)?bcc[ \t]*:.*(\n[ \t].*)*(\n|\Z)', b'', head + b'\n')[:-1]
                entries.append({
                    'name': os.path.basename(path), 'data': base64.b64encode(data).decode(),
                    'expected': base64.b64encode(kept + blank + body).decode(),
                    'domains': sorted({a.rsplit('@', 1)[1].lower() for _, a in addresses if '@' in a})})
            print(json.dumps(entries))
            """#

        @Test("Each arrives byte for byte, without Bcc, or is refused with a reason", .timeLimit(.minutes(5)))
        func corpus() async throws {
            let entries = try await Python.run(Self.script, as: [Entry].self)
            guard !entries.isEmpty else {
                print("Real messages: skipped, because this Python does not bring the messages of its test suite")
                return
            }
            let domains = Set(entries.flatMap(\.domains)).filter { (try? DomainName(parsing: $0)) != nil }
            var plan = ClusterPlan()
            plan.tenants[0].domains = domains.sorted()
            try await Cluster.with(plan) { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                var accepted: [String: Entry] = [:]
                for entry in entries {
                    let submission = Submission(from: try sender(entry), subject: nil, text: nil, raw: entry.data)
                    let answer = try await api.post(submission)
                    if answer.status == 202 {
                        let id = try JSONDecoder().decode(Acceptance.self, from: Data(answer.body)).id
                        accepted[id] = entry
                    } else {
                        let problem = try answer.problem()
                        #expect([403, 422].contains(problem.status))
                        #expect(!problem.detail.isEmpty)
                        let reasons = (problem.errors ?? []).map { "\($0.pointer) \($0.detail)" }
                        print(
                            "Real messages: \(entry.name) refused, \(problem.code): \(reasons.joined(separator: "; "))"
                        )
                    }
                }
                print("Real messages: \(accepted.count) of \(entries.count) accepted")
                #expect(accepted.count > entries.count / 2)
                try await expectArrival(accepted, api, cluster.simulator)
            }
        }

        /// An address of the first domain that the message claims to come from.
        private func sender(_ entry: Entry) throws -> String { "postmaster@\(entry.domains.first ?? "example.com")" }

        private func expectArrival(_ entries: [String: Entry], _ api: TenantAPI, _ simulator: SimulatorAPI) async throws
        {
            #expect(try await api.ended(entries.keys).values.allSatisfy { $0.status == "sent" })
            let arrived = try await simulator.messages(limit: entries.count + 1)
            #expect(arrived.count == entries.count)
            for message in arrived {
                let entry = message.messageID(tag: "sluice-id").flatMap { entries[$0] }
                let expected = entry.flatMap { Data(base64Encoded: $0.expected) }
                #expect(message.raw.flatMap { Data(base64Encoded: $0) } == expected, "\(entry?.name ?? "?")")
            }
        }
    }
}
