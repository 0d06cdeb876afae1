import NIOHTTP1
import Synchronization

/// The faults of SES that are on: one document has those of calls and of events together.
final class SimulatorFaults: Sendable {
    private let rules = Mutex<[String: [String]]>([:])
    private let simulator: HTTPPeer

    init(simulator: HTTPPeer) {
        self.simulator = simulator
    }

    /// Puts rules, in the words of the simulator's file, in the place of those of the same name; none ends them.
    func set(_ name: String, _ lines: [String]) async throws {
        let all = rules.withLock { rules in
            rules[name] = lines
            return rules.sorted { $0.key < $1.key }.flatMap(\.value)
        }
        let document = "faults: [\(all.map { "{\($0)}" }.joined(separator: ", "))]"
        let answer = try await simulator.send(.PUT, "/_simulator/faults", body: Array(document.utf8))
        guard answer.status == 200 else { throw Failure("the simulator refused faults: \(answer.text)") }
    }
}
