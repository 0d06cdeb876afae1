import Mail
import Outbox
import Testing

@testable import Dispatching

@Suite("Hints between nodes")
struct HintTests {
    private func hint(_ channel: String, _ payload: String) -> Hint? {
        Hint(channel: channel, payload: payload)
    }

    @Test("What one node says is what the other hears")
    func heard() {
        #expect(hint("sluice_grant", "7") == .grants(account: 7))
        #expect(hint("sluice_report", "7") == .reports(account: 7))
        #expect(
            hint("sluice_queue", "3:1:20 4:0:1")
                == .queues([
                    QueueSign(laneID: 3, priority: .normal, rows: .more(20)),
                    QueueSign(laneID: 4, priority: .high, rows: .more(1)),
                ])
        )
    }

    @Test("Nonsense is passed over", arguments: ["", "x", "1:2", "1:9:1", "1:1:x", "99999999999:1:1"])
    func nonsense(payload: String) {
        #expect(hint("sluice_queue", payload) == .queues([]))
        #expect(hint("sluice_grant", "x" + payload) == nil)
        #expect(hint("other", payload) == nil)
    }

    @Test("Many queues take several payloads, none beyond what PostgreSQL takes")
    func payloads() {
        let signs = (0..<1000).map { QueueSign(laneID: .max - $0, priority: .normal, rows: .more(1 << 24)) }
        #expect(Hint.queues(signs).statements.count == 4)
        let longest = "2147483647:1:16777216 ".utf8.count * 300
        #expect(longest < 8000)
    }
}
