import Measure
import NIOHTTP1

/// A `sluice simulator` with a strict quota.
struct SimulatorProcess: Sendable {
    let peer: HTTPPeer
    let child: Child

    var url: String { "http://127.0.0.1:\(peer.port)" }

    func ledger() async throws -> [Send] {
        let answer = try await peer.get("/_simulator/ledger")
        guard let sends = LedgerText.read(answer.body) else {
            throw Failure("the simulator's ledger has a line that can't be read")
        }
        return sends
    }

    /// Changes the quota that is in force at SES.
    func set(rate: Int) async throws {
        let answer = try await peer.send(.PUT, "/_simulator/settings", body: Array("{rate: \(rate)}".utf8))
        guard answer.status == 200 else { throw Failure("the simulator refused a rate: \(answer.text)") }
    }
}
