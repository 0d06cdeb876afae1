import Mail
import Outbox
import Postgres
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
            hint("sluice_queue", "3:1:20:zz 4:0:1")
                == .queues([
                    QueueSign(
                        laneID: 3,
                        priority: .normal,
                        rows: .more(20),
                        first: PostgresUUID(high: 1295 << 16, low: 0)
                    ),
                    QueueSign(laneID: 4, priority: .high, rows: .more(1)),
                ])
        )
    }

    @Test("A hint names its sender, so that nobody takes his own; too many queues are all of them")
    func senders() {
        let sign = QueueSign(laneID: 4, priority: .high, rows: .more(1))
        #expect(hint("sluice_queue", "@1z 4:0:1") == .queues([sign], from: 71))
        #expect(hint("sluice_queue", "*") == .allQueues)
    }

    @Test("Nonsense is passed over", arguments: ["", "x", "1:2", "1:9:1", "1:1:x", "99999999999:1:1"])
    func nonsense(payload: String) {
        #expect(hint("sluice_queue", payload) == .queues([]))
        #expect(hint("sluice_grant", "x" + payload) == nil)
        #expect(hint("other", payload) == nil)
    }

    @Test("Many queues take several payloads, none beyond what PostgreSQL takes")
    func payloads() {
        let signs = (0..<1000).map {
            QueueSign(
                laneID: .max - $0,
                priority: .normal,
                rows: .more(1 << 24),
                first: PostgresUUID(high: .max, low: 0)
            )
        }
        #expect(Hint.queues(signs).statements.count == 5)
        let longest = "2147483647:1:16777216:\(String(UInt64.max >> 16, radix: 36)) ".utf8.count * 220
        #expect(longest < 8000)
    }
}
